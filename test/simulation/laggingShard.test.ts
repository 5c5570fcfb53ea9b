import { describe, expect, it } from 'vitest'
import { loadRxweft } from './core/rxweft.ts'
import { laggingShard } from './laggingShard.ts'
import { mutantsOf } from './mutants/mutants.ts'
import { firstProblems, withMutant } from './mutants/withMutant.ts'

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

  it.each(mutantsOf('laggingShard'))('are found out with %s', async (_, mutant) => {
    const tried = [mutant.seed ?? 1, ...seeds]
    const found = await withMutant(mutant, (rxweft) => firstProblems(tried, (seed) => laggingShard(rxweft, seed)))
    expect(found).toMatch(/late|has not/)
  })
})
