/**
 * Slots: the units in which partitions and state are given to shards. A table says which shard has
 * which slot, so that one slot can move and the others stay.
 *
 *   partition   0 1 2 3 ... 255 256 257     slot = partition % slots
 *   slot        0 1 2 3 ... 255   0   1
 *   shard       0 1 2 0 ...                 shard = table[slot]
 */

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

/** Slots of a shard as text, shorter than a list: "0-15,64", "1-253/4" for every fourth one. */
export function slotsText(slots: readonly number[], shard: number): string {
  const own = slots.flatMap((of, slot) => (of === shard ? [slot] : []))
  const runs: string[] = []
  for (let at = 0; at < own.length; ) {
    const [first, step] = [own[at] as number, (own[at + 1] as number) - (own[at] as number)]
    let last = at
    while (own[last + 1] === (own[last] as number) + step) last += 1
    // Two slots are a run only if nothing lies between them.
    if (last === at + 1 && step > 1) last = at
    const end = last === at ? '' : `-${own[last]}`
    runs.push(`${first}${end}${step > 1 && last > at ? `/${step}` : ''}`)
    at = last + 1
  }
  return runs.join(',')
}
