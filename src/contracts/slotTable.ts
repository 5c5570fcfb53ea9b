/**
 * Slots: the units in which partitions and state are given to shards. A table says which shard has
 * which slot, so that one slot can move and the others stay.
 *
 *   partition   0 1 2 3 ... 255 256 257     slot = partition % slots
 *   slot        0 1 2 3 ... 255   0   1
 *   shard       0 1 2 0 ...                 shard = table[slot]
 */

/** Largest number of shards of a job. */
export const mostShards = 256

/** Fewest slots of a job. */
const fewest = 256

/**
 * Table of a job that begins. Its length is a multiple of the number of shards, so partition p
 * belongs to shard p % shards, whatever the number of partitions.
 */
export function firstSlots(shards: number): readonly number[] {
  return Array.from({ length: shards * Math.ceil(fewest / shards) }, (_, slot) => slot % shards)
}

/** Shard of a partition. */
export function shardOf(slots: readonly number[], partition: number): number {
  return slots[partition % slots.length] as number
}

/** Slots of a shard, ascending. */
export function slotsOf(slots: readonly number[], shard: number): readonly number[] {
  return slots.flatMap((of, slot) => (of === shard ? [slot] : []))
}
