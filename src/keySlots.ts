/**
 * Where the records of a key are: in one partition of a topic, hence in one slot, hence in one
 * shard. Known behind a repartition topic and behind a source declared `keyed`, until `keyBy` gives
 * other keys. By this, state follows its keys when slots move (job/rescale/).
 */
import type { Key } from './record.ts'

/** Spread of keys over the partitions of a topic. */
export interface KeyPartitions {
  /** Number of partitions. */
  readonly partitions: number
  /** Returns the partition in which the records of a key are. Throws what the codec throws. */
  partitionOf(key: unknown): number
}

/** Slots of the keys of a stream. */
export interface KeySlots {
  /** Number of partitions of the topic that decides. */
  readonly partitions: number
  /** Returns the slot of a key. */
  slotOf(key: Key): number
}

/**
 * Tells the slots of the keys of a stream, once all its sources are open; null: its keys have none.
 */
export type FindKeySlots = () => KeySlots | null

export const noKeySlots: FindKeySlots = () => null

/**
 * Of a stream whose records belong to no key, such as rules: it decides nothing where it meets
 * others.
 */
export const anyKeySlots: FindKeySlots = () => null

/** @param slots number of slots of the job */
export function keySlotsOf(
  reader: { keyPartitions?(): KeyPartitions | undefined } | undefined,
  slots: number,
): FindKeySlots {
  return () => {
    const spread = reader?.keyPartitions?.()
    if (spread === undefined) return null
    return { partitions: spread.partitions, slotOf: (key) => spread.partitionOf(key) % slots }
  }
}

/**
 * Slots of the keys where streams meet: those of the first, if the topics of all have as many
 * partitions; otherwise equal keys are in different ones.
 */
export function commonKeySlots(inputs: readonly FindKeySlots[]): FindKeySlots {
  return () => {
    const [first = null, ...others] = inputs.filter((find) => find !== anyKeySlots).map((find) => find())
    return others.every((other) => other?.partitions === first?.partitions) ? first : null
  }
}
