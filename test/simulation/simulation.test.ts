/** A modest number of schedules for every run of the tests; `npm run simulate` does as many as one likes. */
import { describe, expect, it } from 'vitest'
import { bucketSeeds } from './bucket/bucket.ts'
import { loadRxweft } from './core/rxweft.ts'
import { failedSeeds } from './failedSeeds.ts'
import { runSchedule, type Verdict } from './schedule.ts'

describe('a job under simulated faults', { timeout: 120_000 }, () => {
  it.each(failedSeeds)(
    'keeps its promise where seed $seed (spread: $spread) once found $found',
    async ({ seed, spread }) => {
      expect((await runSchedule(await loadRxweft(), seed, false, spread)).problems).toEqual([])
    },
  )

  it('loses nothing, doubles nothing, keeps order, and comes to an end, in each of 100 schedules', async () => {
    const rxweft = await loadRxweft()
    const broken: Verdict[] = []
    for (let seed = 1; seed <= 100; seed++) {
      const verdict = await runSchedule(rxweft, seed)
      if (verdict.problems.length > 0) broken.push(verdict)
    }
    // To see what happens in one of them: npm run simulate -- --seed <seed>
    expect(broken.map(({ seed, problems }) => ({ seed, problems }))).toEqual([])
  })

  it('and over shards, started with one number of them or another, in each of 60 schedules', async () => {
    const rxweft = await loadRxweft()
    const [broken, numbers]: [Verdict[], Set<number>] = [[], new Set()]
    for (let seed = 1; seed <= 60; seed++) {
      const verdict = await runSchedule(rxweft, seed, false, true)
      for (const shards of verdict.config.shards) numbers.add(shards)
      if (verdict.problems.length > 0) broken.push(verdict)
    }
    expect(broken.map(({ seed, problems }) => ({ seed, problems }))).toEqual([])
    expect([...numbers].sort()).toEqual([1, 2, 3, 4])
  })

  it('and with its snapshots in a bucket that loses answers, repeats requests and is away, in each of 40 schedules', async () => {
    const rxweft = await loadRxweft()
    const [broken, stored]: [Verdict[], Set<string>] = [[], new Set()]
    for (let seed = bucketSeeds + 1; seed <= bucketSeeds + 40; seed++) {
      const verdict = await runSchedule(rxweft, seed, true, seed % 4 === 0)
      for (const line of verdict.trace)
        stored.add(/: (?:PutObject|CompleteMultipartUpload) \S*: (.*)/.exec(line)?.[1] ?? '')
      if (verdict.problems.length > 0) broken.push(verdict)
    }
    expect(broken.map(({ seed, problems }) => ({ seed, problems }))).toEqual([])
    expect([...stored]).toEqual(expect.arrayContaining(['lose answer', 'lose request', 'late', '409']))
  })

  it('is the same again with the same seed, down to the last request', async () => {
    const rxweft = await loadRxweft()
    const first = await runSchedule(rxweft, 42, true)
    expect(first.trace.length).toBeGreaterThan(50)
    expect(await runSchedule(rxweft, 42, true)).toEqual(first)
  })
})
