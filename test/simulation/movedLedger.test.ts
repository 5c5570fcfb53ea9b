import { describe, expect, it } from 'vitest'
import { loadRxweft } from './core/rxweft.ts'
import { movedLedger } from './movedLedger.ts'
import { mutantsOf } from './mutants/mutants.ts'
import { firstProblems, withMutant } from './mutants/withMutant.ts'

const seeds = Array.from({ length: 6 }, (_, at) => at + 1)

describe('a job with large state in its ledger that gets another number of shards again and again', () => {
  it('writes all windows as fed, each once, and has nothing late, in each of 6 schedules', async () => {
    const rxweft = await loadRxweft()
    for (const seed of seeds) {
      const { problems, windows } = await movedLedger(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      expect(windows).toBeGreaterThan(10)
    }
  }, 300_000)

  it.each(mutantsOf('movedLedger'))('is found out with %s', { timeout: 300_000 }, async (_, mutant) => {
    const tried = [mutant.seed ?? 1, ...seeds]
    expect(await withMutant(mutant, (rxweft) => firstProblems(tried, (seed) => movedLedger(rxweft, seed)))).not.toBe('')
  })
})
