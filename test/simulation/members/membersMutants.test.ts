/** The simulation of several processes looks where it should: with one rule switched off it finds a broken promise. */
import { describe, expect, it } from 'vitest'
import { withMutant } from '../mutants/withMutant.ts'
import { membersMutants } from './membersMutants.ts'
import { runMembers } from './membersSchedule.ts'

describe('the simulation of a job in several processes finds out with', { timeout: 300_000 }, () => {
  it.each(Object.entries(membersMutants))('%s', async (_, { seed, finds, ...mutant }) => {
    const { problems } = await withMutant(mutant, (rxweft) => runMembers(rxweft, seed))
    expect(problems.join('\n')).toMatch(finds)
  })
})
