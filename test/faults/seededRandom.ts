/** Random numbers from a seed, so that a failing run can be repeated. */

/** Of RXWEFT_SEED, else a new one. Whoever takes it prints it. */
export function anySeed(): number {
  return Number(process.env.RXWEFT_SEED ?? Math.floor(Math.random() * 2 ** 31))
}

/** Numbers from 0 up to, and without, 1. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    // A linear congruential generator, constants of Numerical Recipes: good enough to choose moments.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A whole number from `low` to `high`, both included. */
export function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

export function shuffled<T>(random: () => number, items: readonly T[]): readonly T[] {
  const left = [...items]
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0] as T)
}
