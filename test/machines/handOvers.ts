/** Hand-overs and silences of shards, found in the commits of a job: pure functions. */

/** A checkpoint, as the ledger has it. */
export interface Commit {
  readonly shard: number
  readonly checkpoint: number
  /** Incarnation that signed it. */
  readonly owner: string
  /** Time of the append, by the broker's clock, ms since the epoch. */
  readonly time: number
}

/** The way of a shard from one owner to the next one that has committed a checkpoint. */
export interface HandOver {
  readonly shard: number
  readonly from: string
  readonly to: string
  /** Time of the last checkpoint there, and of the first one here. */
  readonly left: number
  readonly arrived: number
}

/** @param commits of all shards, each shard's in order */
export function handOvers(commits: readonly Commit[]): readonly HandOver[] {
  return eachShard(commits, (its) =>
    its.flatMap((one, at) => {
      const before = its[at - 1]
      if (before === undefined || before.owner === one.owner) return []
      return [{ shard: one.shard, from: before.owner, to: one.owner, left: before.time, arrived: one.time }]
    }),
  )
}

/** The longest time between two checkpoints of a shard, of which the second lies within [from, to]; null: no shard has any. */
export function longestSilence(commits: readonly Commit[], from: number, to: number): number | null {
  const gaps = eachShard(commits, (its) =>
    its.flatMap(({ time }, at) => {
      const before = its[at - 1]
      return before === undefined || time < from || time > to ? [] : [time - before.time]
    }),
  )
  return gaps.length === 0 ? null : Math.max(...gaps)
}

/** Ownership records sign a checkpoint again and commit no records: only the first entry of each checkpoint counts. */
function eachShard<T>(commits: readonly Commit[], of: (its: readonly Commit[]) => readonly T[]): readonly T[] {
  const shards = new Map<number, Commit[]>()
  for (const one of commits) {
    const its = shards.get(one.shard) ?? []
    shards.set(one.shard, its)
    if (one.checkpoint > (its.at(-1)?.checkpoint ?? 0)) its.push(one)
  }
  return [...shards.values()].flatMap(of)
}

/** The smallest of the values that at least this share of them does not exceed. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
