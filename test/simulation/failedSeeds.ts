/**
 * Schedules that have failed once, on the code and the simulation of their day, and what they found: replayed first. A seed is only that
 * very schedule as long as what is drawn from it stays the same; afterwards it is one more schedule, and never the wrong one to try.
 */
export interface FailedSeed {
  readonly seed: number
  /** The job ran over shards. */
  readonly spread: boolean
  readonly found: string
}

export const failedSeeds: readonly FailedSeed[] = [
  ...[385, 396, 402, 653, 762, 1043].map((seed) => {
    return { seed, spread: false, found: 'a job that ended for no good reason (CHANGELOG.md tells their stories)' }
  }),
  {
    seed: 1053,
    spread: false,
    found: 'a takeover through a deposed leader that set the ledger back from checkpoint 3 to 0',
  },
  {
    seed: 295,
    spread: false,
    found: 'a job that gave up since a broker which was behind did not know its ledger topic',
  },
  { seed: 58, spread: true, found: 'a job that gave up for an owner whose markers were late, and who was dead' },
  {
    seed: 10,
    spread: true,
    found: 'shards that went on for ever beside a shard 0 that had finished and was taken over',
  },
  { seed: 12, spread: true, found: 'the same' },
]
