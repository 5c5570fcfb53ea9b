import { describe, expect, it } from 'vitest'
import { loadRxweft } from './core/rxweft.ts'
import { deposedLeader } from './deposedLeader.ts'
import { mutants } from './mutants/mutants.ts'
import { patchedSources } from './mutants/patchedSources.ts'

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

  it.each(Object.keys(mutants).filter((name) => mutants[name]?.deposed))('is set back with %s', async (name) => {
    const { folder, remove } = patchedSources(mutants[name] ?? { rule: '', patches: [] })
    try {
      const rxweft = await loadRxweft(folder)
      const found: string[] = []
      for (const seed of seeds) if (found.length === 0) found.push(...(await deposedLeader(rxweft, seed)).problems)
      expect(found.join()).toMatch(/out of order/)
    } finally {
      remove()
    }
  })
})
