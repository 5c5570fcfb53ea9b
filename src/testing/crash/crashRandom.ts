/**
 * Random numbers that a seed repeats: a crash test that failed can be run again as it was.
 * (mulberry32, Tommy Ettinger)
 */

/** A whole number from 0 to below `limit`. */
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
