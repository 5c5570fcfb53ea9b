/** Random numbers that a seed decides. */

export interface Random {
  /** From 0 to 1, exclusive. */
  next(): number
  /** Whole number from 0 to n, exclusive. */
  below(n: number): number
  of<T>(all: readonly T[]): T
  /** Lower-case letters with a few spaces or `special` among them, from 3 to `longest` - 1. */
  word(longest: number, special?: string): string
  /** Letters, on average `size`, give or take a fifth; none if `size` is below 1. */
  filler(size: number): string
}

/** Length of the text that fillers are cut out of. */
const stock = 1 << 16

/** Weyl sequence with the mixing of MurmurHash3: equal seeds give equal numbers on every machine. */
export function random(seed: number): Random {
  let state = seed >>> 0

  function next(): number {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }

  const below = (n: number): number => Math.floor(next() * n)
  const letter = (): string => String.fromCharCode(97 + below(26))
  const letters = Array.from({ length: stock }, letter).join('')

  return {
    next,
    below,
    of: (all) => all[below(all.length)] as (typeof all)[number],
    word(longest, special = ' ') {
      const length = 3 + below(longest - 3)
      return Array.from({ length }, () => (below(13) === 0 ? special : letter()))
        .join('')
        .trim()
    },
    filler(size) {
      if (size < 1) return ''
      const spread = Math.round(size * 0.2)
      const length = size - spread + below(2 * spread + 1)
      const from = below(stock - length)
      return letters.slice(from, from + length)
    },
  }
}
