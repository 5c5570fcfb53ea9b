import { describe, expect, it } from 'vitest'
import { loadRxweft } from './core/rxweft.ts'
import { deposedPlan } from './deposedPlan.ts'
import { mutantsOf } from './mutants/mutants.ts'
import { firstProblems, withMutant } from './mutants/withMutant.ts'

const seeds = Array.from({ length: 20 }, (_, at) => at + 1)

describe('a plan that is written through a leader that is deposed and does not know it', { timeout: 120_000 }, () => {
  it('follows the newest plan, in each of 20 schedules', async () => {
    const rxweft = await loadRxweft()
    for (const seed of seeds) {
      expect({ seed, ...(await deposedPlan(rxweft, seed)) }).toEqual({ seed, problems: [], plans: [1, 2, 3] })
    }
  })

  it.each(mutantsOf('deposedPlan'))('is written twice with %s', async (_, mutant) => {
    const found = await withMutant(mutant, (rxweft) => firstProblems(seeds, (seed) => deposedPlan(rxweft, seed)))
    expect(found).toMatch(/plan 2 after 2/)
  })
})
