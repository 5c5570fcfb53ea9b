import type { Buffer } from 'node:buffer'
import { at, lengthFrom } from './layout.ts'

/**
 * Calls `each` with first offset and leader epoch of the first whole batch, and of every later
 * batch whose epoch differs from the previous one's. Reads headers only.
 */
export function eachLeaderEpoch(fetched: Buffer, each: (baseOffset: number, epoch: number) => void): void {
  let last: number | null = null
  for (let start = 0; start + at.records <= fetched.length; ) {
    const end = start + lengthFrom + fetched.readInt32BE(start + at.length)
    if (end < start + at.records || end > fetched.length) return
    const epoch = fetched.readInt32BE(start + at.leaderEpoch)
    if (epoch !== last) each(Number(fetched.readBigInt64BE(start + at.baseOffset)), epoch)
    last = epoch
    start = end
  }
}
