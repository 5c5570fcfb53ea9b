/** Random bytes by seed: the same seed gives the same inputs. */

export interface Random {
  /** A whole number from 0 to below `n`. */
  below(n: number): number
}

/** mulberry32 */
export function random(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { below: (n) => Math.floor(next() * n) }
}
