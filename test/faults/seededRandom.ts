/** Random numbers from a seed that is printed, so that a failing run can be had again: RXWEFT_SEED=1234 npm test. */
export function seededRandom(): () => number {
  const seed = Number(process.env.RXWEFT_SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`RXWEFT_SEED=${seed}`)
  let state = seed
  return () => {
    // A linear congruential generator, constants of Numerical Recipes: good enough to choose moments.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
