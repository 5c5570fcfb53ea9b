import { describe, expect, it } from 'vitest'
import { loadRxweft } from './core/rxweft.ts'
import { movedSlots } from './movedSlots.ts'
import { mutantsOf } from './mutants/mutants.ts'
import { firstProblems, withMutant } from './mutants/withMutant.ts'

const seeds = Array.from({ length: 10 }, (_, at) => at + 1)

describe('a job that gets another number of shards again and again', { timeout: 300_000 }, () => {
  it('writes all windows as fed, each once, and has nothing late, in each of 10 schedules', async () => {
    const rxweft = await loadRxweft()
    for (const seed of seeds) {
      const { problems, windows } = await movedSlots(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      expect(windows).toBeGreaterThan(10)
    }
  })

  it.each(mutantsOf('movedSlots'))('is found out with %s', async (_, mutant) => {
    const tried = [mutant.seed ?? 1, ...seeds]
    expect(await withMutant(mutant, (rxweft) => firstProblems(tried, (seed) => movedSlots(rxweft, seed)))).not.toBe('')
  })
})
