import { describe, expect, it } from 'vitest'
import { type Commit, handOvers, longestSilence, percentile } from './handOvers.ts'

const commit = (shard: number, checkpoint: number, owner: string, time: number): Commit => ({
  ...{ shard, checkpoint, owner, time },
})

/** Shard 0 goes from a to b, whose ownership record signs checkpoint 2 again; shard 1 stays. */
const commits = [
  commit(0, 1, 'a', 1_000),
  commit(1, 7, 'a', 1_010),
  commit(0, 2, 'a', 1_100),
  commit(0, 2, 'b', 1_250),
  commit(1, 8, 'a', 1_110),
  commit(0, 3, 'b', 1_400),
  commit(0, 4, 'b', 1_500),
]

describe('the hand-overs of a job', () => {
  it('go from the last checkpoint of one owner to the first of the next', () => {
    expect(handOvers(commits)).toEqual([{ shard: 0, from: 'a', to: 'b', left: 1_100, arrived: 1_400 }])
  })

  it('are none where an owner takes over and commits nothing', () => {
    expect(handOvers([...commits.slice(0, 5), commit(0, 3, 'a', 1_300)])).toEqual([])
  })

  it('are part of the longest silence within a time', () => {
    expect(longestSilence(commits, 0, 2_000)).toBe(300)
    expect(longestSilence(commits, 1_450, 2_000)).toBe(100)
    expect(longestSilence(commits, 1_600, 2_000)).toBeNull()
  })

  it('have percentiles', () => {
    const values = Array.from({ length: 100 }, (_, at) => at + 1)
    expect([0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 99, 100])
    expect(percentile([], 0.5)).toBeNull()
  })
})
