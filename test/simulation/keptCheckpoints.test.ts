import { describe, expect, it } from 'vitest'
import { bucketSeeds } from './bucket/bucket.ts'
import { loadRxweft } from './core/rxweft.ts'
import { keptCheckpoints } from './keptCheckpoints.ts'
import { mutantsOf } from './mutants/mutants.ts'
import { firstProblems, withMutant } from './mutants/withMutant.ts'

const seeds = Array.from({ length: 10 }, (_, at) => at + 1)

/** Snapshots and savepoints are in a bucket that loses requests and answers, and carries puts out late. */
const inBucket = Array.from({ length: 5 }, (_, at) => bucketSeeds + at + 1)

describe('savepoints of a job under faults', { timeout: 300_000 }, () => {
  it('are whole or not there, and outlive retention, in each of 10 schedules', async () => {
    const rxweft = await loadRxweft()
    let kept = 0
    for (const seed of seeds) {
      const { problems, listed } = await keptCheckpoints(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      kept += listed
    }
    expect(kept).toBeGreaterThan(20)
  })

  it('are so in a bucket, too, in each of 5 schedules', async () => {
    const rxweft = await loadRxweft()
    let kept = 0
    for (const seed of inBucket) {
      const { problems, listed } = await keptCheckpoints(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      kept += listed
    }
    expect(kept).toBeGreaterThan(5)
  })

  it.each(mutantsOf('keptCheckpoints'))('are found broken with %s', async (_, mutant) => {
    const tried = [mutant.seed ?? 1, ...seeds]
    expect(
      await withMutant(mutant, (rxweft) => firstProblems(tried, (seed) => keptCheckpoints(rxweft, seed))),
    ).not.toBe('')
  })
})
