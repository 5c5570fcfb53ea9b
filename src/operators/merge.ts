/**
 * Several streams as one. An input that has delivered barrier n is held, its later elements queued, until the others have too;
 * so what is emitted before barrier n is exactly what the sources had read at n.
 *
 *   R-a-1-b---------2-|
 *   R-----c-1---d---2-|
 *   merge
 *   R-a---c-(1b)d---2-|      b was held until the other barrier 1 came
 *
 * With mode 'at-least-once' nothing is held: b passes at once, and is read again if the attempt ends before checkpoint 2.
 */
import { EMPTY, type Observable, type Observer } from 'rxjs'
import type { Barrier, Services, StreamElement } from '../element.ts'
import { type LowestWatermark, lowestWatermark } from '../time/lowestWatermark.ts'
import { type Fifo, fifo } from './fifo.ts'
import { mergeBarriers } from './mergeBarriers.ts'
import { operateMany, restored, type Step } from './operate.ts'

/** One observable per type: what merge takes. */
export type Inputs<T extends readonly unknown[]> = { [K in keyof T]: Observable<StreamElement<T[K]>> }

/**
 * Barriers carry the positions and states of all inputs; the lowest watermark of those that are not idle counts; of the Restores
 * only the first is emitted (all are equal, and an input's records come after its own, so none waits for the others).
 * An input that completes holds nothing back any more; barriers after that lack its position, so a source completes only at the end.
 */
export function merge<T extends readonly unknown[]>(...inputs: Inputs<T>): Observable<StreamElement<T[number]>> {
  const streams = inputs as readonly Observable<StreamElement<T[number]>>[]
  return streams.length === 0 ? EMPTY : operateMany('merge', streams, (out) => align(streams.length, out))
}

/** The head of a queue, where there is one, is the barrier that its input waits with. */
interface Input<T> {
  readonly queue: Fifo<StreamElement<T>>
  completed: boolean
  ended: boolean
}

function align<T>(count: number, out: Observer<StreamElement<T>>): Step<T>[] {
  const inputs = Array.from({ length: count }, (): Input<T> => ({ queue: fifo(), completed: false, ended: false }))
  const watermarks = lowestWatermark(count, (control) => out.next(control))
  let services: Services | undefined
  let held = 0

  const hold = (input: Input<T>, element: StreamElement<T>): void => {
    if (element.kind === 'record') {
      services?.credits.take()
      held += 1
    }
    input.queue.push(element)
  }

  const release = (input: Input<T>, at: number): void => {
    while (input.queue.head && input.queue.head.kind !== 'barrier') {
      const element = input.queue.shift() as Exclude<StreamElement<T>, Barrier>
      if (element.kind === 'record') held -= 1
      emit(element, at, out, watermarks)
      if (element.kind === 'record') services?.credits.give()
    }
  }

  const advance = (): void => {
    while (inputs.every(isReady) && inputs.some(({ queue }) => queue.length > 0)) {
      out.next(mergeBarriers(inputs.flatMap(({ queue }) => (queue.shift() as Barrier | undefined) ?? [])))
      inputs.forEach(release)
    }
    for (const [at, input] of inputs.entries()) {
      if (input.ended || !isOver(input)) continue
      input.ended = true
      watermarks.end(at)
    }
    if (inputs.every(({ ended }) => ended)) out.complete()
  }

  return inputs.map((input, at) => {
    const take = (element: Exclude<StreamElement<T>, Barrier>): void => {
      if (input.queue.length > 0 && services?.mode === 'exactly-once') hold(input, element)
      else emit(element, at, out, watermarks)
    }
    return {
      record: take,
      watermark: take,
      idle: take,
      barrier(barrier) {
        restored('merge', services)
        input.queue.push(barrier)
        advance()
      },
      restore(restore) {
        if (services) return
        services = restore.services
        out.next(restore)
      },
      complete() {
        input.completed = true
        advance()
      },
      teardown() {
        input.queue.clear()
        if (held > 0) services?.credits.give(held)
        held = 0
      },
    }
  })
}

function emit<T>(
  element: Exclude<StreamElement<T>, Barrier>,
  at: number,
  out: Observer<StreamElement<T>>,
  watermarks: LowestWatermark,
): void {
  if (element.kind === 'watermark') watermarks.rise(at, element.timestamp)
  else if (element.kind === 'idle') watermarks.idle(at)
  else {
    watermarks.active(at)
    out.next(element)
  }
}

function isOver({ completed, queue }: Input<unknown>): boolean {
  return completed && queue.length === 0
}

function isReady(input: Input<unknown>): boolean {
  return input.queue.head?.kind === 'barrier' || isOver(input)
}
