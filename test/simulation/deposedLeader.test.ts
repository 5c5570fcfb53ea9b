import { describe, expect, it } from 'vitest'
import { loadRxweft } from './core/rxweft.ts'
import { deposedLeader } from './deposedLeader.ts'
import { mutantsOf } from './mutants/mutants.ts'
import { firstProblems, withMutant } from './mutants/withMutant.ts'

const seeds = Array.from({ length: 20 }, (_, at) => at + 1)

describe('a takeover through a leader of the ledger that is deposed and does not know it', { timeout: 120_000 }, () => {
  it('resumes the newest checkpoint, in each of 20 schedules: nothing is lost, and nothing comes twice', async () => {
    const rxweft = await loadRxweft()
    for (const seed of seeds) {
      const { problems, trace, last } = await deposedLeader(rxweft, seed)
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      const restored = trace.flatMap((line) => /B: restored, checkpoint (\d+)/.exec(line)?.[1] ?? []).map(Number)
      expect(restored.length).toBeGreaterThan(0)
      expect({ seed, first: restored[0] }).toEqual({ seed, first: last })
    }
  })

  it.each(mutantsOf('deposedLeader'))('is set back with %s', async (_, mutant) => {
    const found = await withMutant(mutant, (rxweft) => firstProblems(seeds, (seed) => deposedLeader(rxweft, seed)))
    expect(found).toMatch(/out of order/)
  })
})
