/**
 * Tables of slots for another number of shards. As few slots move as can:
 *
 *   2 shards   0 1 0 1 0 1 0 1 0          3 shards   0 1 2 1 0 2 0 1 2
 *
 * Partition p has slot p % slots, so a topic of few partitions has the lowest slots only. Therefore
 * not only the whole table is balanced, but each of its beginnings.
 */

/** Table for `shards` shards, numbered from 0. */
export function movedSlots(slots: readonly number[], shards: number): readonly number[] {
  const counts = Array.from({ length: shards }, () => 0)
  return slots.map((before, slot) => {
    const share = Math.ceil((slot + 1) / shards)
    const shard = (counts[before] ?? Infinity) < share ? before : counts.indexOf(Math.min(...counts))
    counts[shard] = (counts[shard] as number) + 1
    return shard
  })
}

/** Table in which the given slots belong to a shard. */
export function withSlots(slots: readonly number[], given: readonly number[], shard: number): readonly number[] {
  return slots.map((before, slot) => (given.includes(slot) ? shard : before))
}

/** Shards that give or get slots between two tables, ascending. */
export function shardsConcerned(before: readonly number[], after: readonly number[]): readonly number[] {
  const shards = before.flatMap((shard, slot) => (shard === after[slot] ? [] : [shard, after[slot] as number]))
  return [...new Set(shards)].sort((a, b) => a - b)
}
