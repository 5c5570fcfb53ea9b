import { describe, expect, it } from 'vitest'
import { loadRxweft } from './core/rxweft.ts'
import { deposedPlan } from './deposedPlan.ts'
import { mutants } from './mutants/mutants.ts'
import { patchedSources } from './mutants/patchedSources.ts'

const seeds = Array.from({ length: 20 }, (_, at) => at + 1)

describe('a plan that is written through a leader that is deposed and does not know it', { timeout: 120_000 }, () => {
  it('follows the newest plan, in each of 20 schedules', async () => {
    const rxweft = await loadRxweft()
    for (const seed of seeds) {
      expect({ seed, ...(await deposedPlan(rxweft, seed)) }).toEqual({ seed, problems: [], plans: [1, 2, 3] })
    }
  })

  it.each(Object.keys(mutants).filter((name) => mutants[name]?.deposedPlan))(
    'is written twice with %s',
    async (name) => {
      const { folder, remove } = patchedSources(mutants[name] ?? { rule: '', patches: [] })
      try {
        const rxweft = await loadRxweft(folder)
        const found: string[] = []
        for (const seed of seeds) if (found.length === 0) found.push(...(await deposedPlan(rxweft, seed)).problems)
        expect(found.join()).toMatch(/plan 2 after 2/)
      } finally {
        remove()
      }
    },
  )
})
