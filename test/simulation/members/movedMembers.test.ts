import { describe, expect, it } from 'vitest'
import { loadRxweft } from '../core/rxweft.ts'
import { patchedSources } from '../mutants/patchedSources.ts'
import { firstProblems, withMutant } from '../mutants/withMutant.ts'
import { movedMembers } from './movedMembers.ts'
import { movedMembersMutants } from './movedMembersMutants.ts'

const schedules = 10
const all = Object.entries(movedMembersMutants)
const found = all.flatMap(([name, { seed, ...one }]) => (seed === null ? [] : [[name, { ...one, seed }] as const]))

describe('a job in several processes that gets another number of shards again and again', { timeout: 300_000 }, () => {
  it(`writes all windows as fed, each once, and has nothing late, in each of ${schedules} schedules`, async () => {
    const rxweft = await loadRxweft()
    let moved = 0
    for (let seed = 1; seed <= schedules; seed++) {
      const { problems, moves } = await movedMembers(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      moved += moves
    }
    expect(moved).toBeGreaterThan(2 * schedules)
  })

  it.each(found)('is found out with %s', async (_, { seed, finds, ...mutant }) => {
    const tried = [seed, ...Array.from({ length: 20 }, (_, at) => at + 1)]
    expect(await withMutant(mutant, (rxweft) => firstProblems(tried, (one) => movedMembers(rxweft, one)))).toMatch(
      finds,
    )
  })

  it.each(all.filter(([, { seed }]) => seed === null))(
    'is not seen to be without %s yet, which applies',
    (_, mutant) => {
      patchedSources(mutant).remove()
    },
  )
})
