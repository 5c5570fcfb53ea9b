/**
 * Random numbers that a seed repeats, so that a failed crash test can be run again (mulberry32 by
 * Tommy Ettinger).
 */
/** Returns a whole number from 0 to below `limit`. */
export type CrashRandom = (limit: number) => number

export function crashRandom(seed: number): CrashRandom {
  let state = seed | 0
  return (limit) => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}
