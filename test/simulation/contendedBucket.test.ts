import { describe, expect, it } from 'vitest'
import { contendedBucket } from './contendedBucket.ts'
import { loadRxweft } from './core/rxweft.ts'
import { mutantsOf } from './mutants/mutants.ts'
import { firstProblems, withMutant } from './mutants/withMutant.ts'

const seeds = Array.from({ length: 20 }, (_, at) => at + 1)

describe('a ledger in a bucket, and three who write to it', { timeout: 300_000 }, () => {
  it('has one entry for each number, known to its writer alone, in each of 20 schedules', async () => {
    const rxweft = await loadRxweft()
    let most = 0
    for (const seed of seeds) {
      const { problems, decided } = await contendedBucket(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      most = Math.max(most, decided)
    }
    expect(most).toBeGreaterThan(100)
  })

  it.each(mutantsOf('contendedBucket'))('is found out with %s', async (_, mutant) => {
    const tried = [mutant.seed ?? 1, ...seeds]
    const found = await withMutant(mutant, (rxweft) => firstProblems(tried, (seed) => contendedBucket(rxweft, seed)))
    expect(found).toMatch(/was decided by/)
  })
})
