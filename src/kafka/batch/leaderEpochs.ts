import type { Buffer } from 'node:buffer'
import { at, lengthFrom } from './layout.ts'

/** Calls `each` with first offset and leader epoch of every whole batch. Looks at headers only. */
export function eachLeaderEpoch(fetched: Buffer, each: (baseOffset: number, epoch: number) => void): void {
  for (let start = 0; start + at.records <= fetched.length; ) {
    const end = start + lengthFrom + fetched.readInt32BE(start + at.length)
    if (end < start + at.records || end > fetched.length) return
    each(Number(fetched.readBigInt64BE(start + at.baseOffset)), fetched.readInt32BE(start + at.leaderEpoch))
    start = end
  }
}
