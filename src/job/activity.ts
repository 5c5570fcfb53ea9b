/**
 * Tells whether anything has happened in an attempt since the last barrier that a checkpoint would
 * decide: a source has moved, or a record has reached a sink. State and watermarks that change by
 * themselves (timers, idle sources) do not count: after a crash they change again, and nobody has
 * seen them. Whoever makes one of these things happen says so (pump.ts, barrierWatch.ts), and a
 * coordinator that rests asks again; a split that has only been discovered waits for its first
 * record, or for the checkpoint of the minute.
 */
import type { BarrierWatch } from '../backPressure.ts'
import type { SplitOffset } from '../record.ts'

export interface Activity {
  /** Called with each barrier, before it is emitted, with the positions of all sources. */
  barrier(positions: Positions): void
  /** Whether nothing has happened since. */
  isIdle(positions: Positions): boolean
}

/** Position of each source. */
export type Positions = readonly (readonly SplitOffset[])[]

export function activity(barriers: Pick<BarrierWatch, 'written'>): Activity {
  let last: Positions = []
  return {
    barrier(positions) {
      last = positions
      barriers.written = false
    },
    isIdle: (positions) => !barriers.written && positions.every((one, at) => same(one, last[at])),
  }
}

function same(splits: readonly SplitOffset[], before: readonly SplitOffset[] | undefined): boolean {
  if (splits.length !== before?.length) return false
  return splits.every(({ topic, partition, offset }, at) => {
    const one = before[at]
    return one?.offset === offset && one.partition === partition && one.topic === topic
  })
}
