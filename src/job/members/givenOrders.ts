/**
 * What this process was asked to do, and for how long it has been doing it. A later order counts
 * only if it is the harder one.
 */
import type { Clock } from '../../attempt.ts'
import type { SaidRecord } from '../../contracts/members.ts'

export type Order = 'leave' | 'stop' | 'cancel'

export interface Orders {
  /** What was asked for; null: nothing. */
  readonly given: Order | null
  /** What the others hear of it. */
  readonly state: SaidRecord['state']
  give(what: Order): void
  /** Whether a leaving member releases its shards without an heir. */
  evacuates(hasHeirs: boolean): boolean
  /** Whether the order is so old that nobody is waited for any more. */
  isOverdue(): boolean
  /** Whether it has been leaving for too long. */
  isStranded(): boolean
}

/** How long a leaving member hands over; then it releases the rest without an heir, ms. */
const stopTimeout = 25_000

/** How long the release of that rest may take, ms: a thread that loops for ever does not end. */
const releaseTimeout = 20_000

const states = { leave: 'leaving', stop: 'stopping', cancel: 'stopping' } as const

/** @param wake called after each order that counts */
export function givenOrders(clock: Clock, wake: () => void): Orders {
  let given: Order | null = null
  let at = 0

  const lasts = (time: number): boolean => clock.monotonic() - at >= time

  return {
    get given() {
      return given
    },
    get state() {
      return given === null ? 'running' : states[given]
    },
    give(what) {
      if (given === 'cancel' || given === what || (given === 'stop' && what === 'leave')) return
      given = what
      at = clock.monotonic()
      wake()
    },
    evacuates: (hasHeirs) => given === 'leave' && (!hasHeirs || lasts(stopTimeout)),
    isOverdue: () => lasts(stopTimeout),
    isStranded: () => given === 'leave' && lasts(stopTimeout + releaseTimeout),
  }
}
