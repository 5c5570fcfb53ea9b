/**
 * When a shard writes a marker: with a barrier, if its event time has changed since the last one,
 * and at most each second. Two changes do not wait: an end, for which the others wait, and a silent
 * input that speaks again, because the others would leave its records behind.
 *
 * An attempt does not know what an earlier one has written, so it writes once with its first
 * barrier.
 */
import type { ShardTime } from '../contracts/marker.ts'

export interface DueMarkers {
  watermark(timestamp: number): void
  idle(): void
  /** A record came: the input is not idle. */
  active(): void
  /**
   * A barrier comes. Returns what is to be written before it, or null.
   *
   * @param now ms of the monotonic clock
   */
  due(now: number): ShardTime | null
  /** Whether something has changed since the last marker, which was too recent for another one. */
  readonly pending: boolean
}

/** Shortest time between two markers, ms. */
const pause = 1_000

export function dueMarkers(): DueMarkers {
  let watermark = -Infinity
  let idle = false
  let written: ShardTime | undefined
  let writtenAt = -Infinity

  function isDue(now: number): boolean {
    if (written === undefined) return idle || watermark > -Infinity
    if (written.watermark === watermark && written.idle === idle) return false
    return watermark === Infinity || (written.idle && !idle) || now - writtenAt >= pause
  }

  return {
    get pending() {
      return written !== undefined && (written.watermark !== watermark || written.idle !== idle)
    },
    watermark(timestamp) {
      watermark = timestamp
      idle = false
    },
    idle() {
      idle = true
    },
    active() {
      idle = false
    },
    due(now) {
      if (!isDue(now)) return null
      written = { watermark, idle }
      writtenAt = now
      return written
    },
  }
}
