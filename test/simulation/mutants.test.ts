/** The simulation proves that it looks where it should: with one rule of the protocol switched off it finds a broken promise. */
import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { bucketSeeds } from './bucket/bucket.ts'
import { spread } from './cli/spread.ts'
import { type Mutant, mutants } from './mutants/mutants.ts'
import { patchedSources } from './mutants/patchedSources.ts'
import { withMutant } from './mutants/withMutant.ts'
import { refusalSeeds } from './refusals.ts'
import { runSchedule } from './schedule.ts'

const all = Object.entries(mutants)

/** Where the seeds of its kind begin. */
function kindOf(seed: number): number {
  return seed >= refusalSeeds ? refusalSeeds : seed >= bucketSeeds ? bucketSeeds : 1
}

/** A schedule that was broken before is tried first; should the code have changed since then, others are looked for. */
function isFound({ seed = 1, budget = 1_000, spread: shards = false, ...mutant }: Mutant): Promise<boolean> {
  return withMutant(mutant, async (rxweft, folder) => {
    const { problems } = await runSchedule(rxweft, seed, false, shards)
    if (problems.length > 0) return true
    const processes = availableParallelism()
    const { failures } = await spread({
      folder,
      kind: shards ? 'shards' : 'one',
      from: kindOf(seed),
      seeds: budget,
      processes,
      first: true,
    })
    return failures.length > 0
  })
}

describe('the simulation finds out when', { timeout: 300_000 }, () => {
  it.each(all.filter(([, one]) => one.equivalent === undefined && one.seldom === undefined && one.story === undefined))(
    '%s',
    async (_, mutant) => {
      expect(await isFound(mutant)).toBe(true)
    },
  )
})

describe('what something else makes harmless, or schedules find too seldom, still applies to the code:', () => {
  it.each(all.filter(([, one]) => one.equivalent !== undefined || one.seldom !== undefined))('%s', (_, mutant) => {
    patchedSources(mutant).remove()
  })
})
