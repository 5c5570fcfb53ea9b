import { describe, expect, it } from 'vitest'
import { loadRxweft } from './core/rxweft.ts'
import { laggingShard } from './laggingShard.ts'
import { mutants } from './mutants/mutants.ts'
import { patchedSources } from './mutants/patchedSources.ts'

const seeds = Array.from({ length: 5 }, (_, at) => at + 1)

describe('shards that are cut off or die, behind a repartition topic', { timeout: 300_000 }, () => {
  it('make nothing late: all windows come out as fed, and a bounded run ends, in each of 5 schedules', async () => {
    const rxweft = await loadRxweft()
    for (const seed of seeds) {
      const { problems, windows } = await laggingShard(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      expect(windows).toBeGreaterThan(10)
    }
  })

  it.each(Object.entries(mutants).filter(([, { lagging }]) => lagging))('are found out with %s', async (_, mutant) => {
    const { folder, remove } = patchedSources(mutant)
    try {
      const rxweft = await loadRxweft(folder)
      const found: string[] = []
      for (const seed of [mutant.seed ?? 1, ...seeds])
        if (found.length === 0) found.push(...(await laggingShard(rxweft, seed)).problems)
      expect(found.join()).toMatch(/late|has not/)
    } finally {
      remove()
    }
  })
})
