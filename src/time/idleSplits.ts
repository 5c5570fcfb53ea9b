/** Finds idle splits of one source: splits that are read and have had no record for too long. */
import type { Clock } from '../attempt.ts'
import { type IdleTimer, idleTimer } from './idleTimer.ts'
import type { SplitWatermarks, TrackedSplit } from './splitWatermarks.ts'

export interface IdleSplits extends Pick<IdleTimer, 'pause' | 'resume' | 'stop'> {
  /** The split has a record, or may have one from now on. */
  seen(one: TrackedSplit): void
}

/** @param changed called when some splits have become idle */
export function idleSplits(
  limit: number,
  clock: Clock,
  { splits, lowest }: SplitWatermarks,
  changed: () => void,
): IdleSplits {
  const timer = idleTimer(clock, limit, (now) => {
    const due: number[] = []
    let next = Infinity
    for (const { input, seenAt, held } of splits) {
      // Who is held back is not read, and so not silent.
      if (held || !lowest.isActive(input)) continue
      if (seenAt + limit <= now) due.push(input)
      else next = Math.min(next, seenAt + limit)
    }
    if (due.length > 0) {
      lowest.idle(...due)
      changed()
    }
    return next
  })
  return {
    ...timer,
    seen(one) {
      one.seenAt = timer.now()
      timer.watch()
    },
  }
}
