/** The simulation of several processes looks where it should: with one rule switched off it finds a broken promise. */
import { describe, expect, it } from 'vitest'
import { patchedSources } from '../mutants/patchedSources.ts'
import { withMutant } from '../mutants/withMutant.ts'
import { type MembersMutant, membersMutants } from './membersMutants.ts'
import { runMembers } from './membersSchedule.ts'

const all = Object.entries(membersMutants)

/** A schedule that was broken before is tried first; should the code have changed since then, others are looked at. */
async function found({ seed, finds, ...mutant }: MembersMutant & { readonly seed: number }): Promise<string> {
  return withMutant(mutant, async (rxweft) => {
    const seen: string[] = []
    for (const one of [seed, ...Array.from({ length: 30 }, (_, at) => at + 1)]) {
      const { problems } = await runMembers(rxweft, one)
      seen.push(...problems)
      if (finds.test(problems.join('\n'))) break
    }
    return seen.join('\n')
  })
}

describe('the simulation of a job in several processes finds out with', { timeout: 600_000 }, () => {
  it.each(all.flatMap(([name, { seed, ...one }]) => (seed === null ? [] : [[name, { ...one, seed }] as const])))(
    '%s',
    async (_, mutant) => {
      expect(await found(mutant)).toMatch(mutant.finds)
    },
  )
})

const unfound = all.filter(([, { seed }]) => seed === null)

describe.runIf(unfound.length > 0)('what no schedule has been seen to find yet still applies to the code:', () => {
  it.each(unfound)('%s', (_, mutant) => {
    patchedSources(mutant).remove()
  })
})
