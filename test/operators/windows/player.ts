/** Plays elements through an operator one by one, ends it at will, and starts it again from what a barrier has gathered. */

import { Subject, type Subscription } from 'rxjs'
import type { StreamElement } from '../../../src/element.ts'
import { barrier, restore } from '../../../src/element.ts'
import type { SideOutput } from '../../../src/operators/sideOutput.ts'
import { asStream, type StreamOperator } from '../../../src/stream.ts'
import { type TestServices, testServices, type VirtualClock, virtualClock } from '../../../src/testing/index.ts'
import { snapshotCollector, type TestSnapshot } from '../../../src/testing/testStates.ts'

export type Said<R, L> =
  | { readonly from: 'main'; readonly element: StreamElement<R> }
  | { readonly from: 'late'; readonly element: StreamElement<L> }

export interface Player<T, R, L> {
  /** What comes out because of it, in order; Restores and barriers left out. Throws what the operator errors with. */
  play(element: StreamElement<T>): readonly Said<R, L>[]
  /** What comes out while so many ms go by. */
  pass(ms: number): readonly Said<R, L>[]
  /** Sends a barrier; its state is read when the answer is called. */
  checkpoint(): () => TestSnapshot
  /** A new operator goes on from there; null: the old one ends, and a new one begins with nothing. */
  restart(from: TestSnapshot | null): void
  readonly clock: VirtualClock
  /** How many late records have been counted. */
  readonly late: number
}

export interface Made<T, R, L> {
  readonly operator: StreamOperator<T, R>
  readonly late?: SideOutput<L> | undefined
}

/** @param make for each start a new one */
export function player<T, R, L = T>(make: () => Made<T, R, L>, clock = virtualClock()): Player<T, R, L> {
  let said: Said<R, L>[] = []
  let failed: unknown
  let subscription: Subscription | undefined
  let input = new Subject<StreamElement<T>>()
  let services: TestServices
  let lateBefore = 0
  let checkpoints = 0
  let collector = snapshotCollector()
  let barriers: StreamElement<R>[] = []

  function start(from: TestSnapshot | null): void {
    subscription?.unsubscribe()
    collector = snapshotCollector(from ?? undefined)
    services = testServices({ clock, restoreFrom: from ?? undefined })
    input = new Subject()
    const { operator, late } = make()
    subscription = operator(asStream(input)).subscribe({
      next(element) {
        if (element.kind === 'barrier') barriers.push(element)
        else if (element.kind !== 'restore') said.push({ from: 'main', element })
      },
      error(thrown) {
        failed = thrown
      },
    })
    late?.subscribe((element) => {
      if (element.kind === 'record') said.push({ from: 'late', element })
    })
    input.next(restore(from?.checkpoint ?? 0, from?.states ?? new Map(), services))
  }

  function take(): readonly Said<R, L>[] {
    const taken = said
    said = []
    if (failed !== undefined) throw failed
    return taken
  }

  start(null)
  return {
    clock,
    play(element) {
      input.next(element)
      return take()
    },
    pass(ms) {
      clock.advance(ms)
      return take()
    },
    checkpoint() {
      checkpoints += 1
      const number = checkpoints
      barriers = []
      input.next(barrier(number))
      const [passed] = barriers
      const collected = collector
      return () => {
        if (passed?.kind !== 'barrier') throw new Error('no barrier has come out')
        collected.add(number, passed.states)
        return collected.at(number) as TestSnapshot
      }
    },
    restart(from) {
      lateBefore += services.late.length
      start(from)
    },
    get late() {
      return lateBefore + services.late.length
    },
  }
}
