/**
 * Slots: the fixed units in which a job's partitions and keys belong to shards. Partition p has
 * slot p % slotCount. The number of slots never changes for a job, so statements about slots stay
 * true whichever shard has them.
 */
import type { AttemptContext } from '../attempt.ts'

type Shards = Pick<AttemptContext, 'shards'>

/** Fewest slots of a job. */
const fewest = 256

/**
 * Number of slots: a multiple of the number of shards, so that (p % slots) % shards = p % shards.
 */
export function slotCount({ shards }: Shards): number {
  return shards * Math.ceil(fewest / shards)
}

/** Slots of this shard, ascending. */
export function slotsOf({ shard, shards }: Shards & Pick<AttemptContext, 'shard'>): readonly number[] {
  return Array.from({ length: slotCount({ shards }) / shards }, (_, at) => at * shards + shard)
}
