import { describe, expect, it } from 'vitest'
import { loadRxweft } from '../core/rxweft.ts'
import { firstProblems, withMutant } from '../mutants/withMutant.ts'
import { movedMembers } from './movedMembers.ts'
import { movedMembersMutants } from './movedMembersMutants.ts'

const schedules = 10

describe('a job in several processes that gets another number of shards again and again', { timeout: 300_000 }, () => {
  it(`writes all windows as fed, each once, and has nothing late, in each of ${schedules} schedules`, async () => {
    const rxweft = await loadRxweft()
    let all = 0
    for (let seed = 1; seed <= schedules; seed++) {
      const { problems, moves } = await movedMembers(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      all += moves
    }
    expect(all).toBeGreaterThan(2 * schedules)
  })

  it.each(Object.entries(movedMembersMutants))('is found out with %s', async (_, { seed, finds, ...mutant }) => {
    const tried = [seed, ...Array.from({ length: 20 }, (_, at) => at + 1)]
    expect(await withMutant(mutant, (rxweft) => firstProblems(tried, (one) => movedMembers(rxweft, one)))).toMatch(
      finds,
    )
  })
})
