import type { StreamRecord } from '../record.ts'

/**
 * Chooses the partition of the sink's topic for a record, once per record and attempt.
 *
 * The choice may differ after a restart; order holds among the records that one partitioner sends
 * to one partition.
 *
 * @param partitions number of partitions of the topic
 * @param key encoded key; null if there is none
 * @returns a partition, from 0; the sink raises NO_SUCH_PARTITION if the topic lacks it
 */
export type Partitioner = (record: StreamRecord<unknown>, partitions: number, key: Uint8Array | null) => number

/**
 * Sends equal keys to one partition, the same one that Java's producers choose.
 *
 * A record without a key goes to the partition number it was read from.
 */
export const byKey: Partitioner = (record, partitions, key) =>
  key === null ? record.split.partition % partitions : partitionOfKey(key, partitions)

/** Partition of a key that is not null, as Java's producers choose it. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitions
}

/** Keeps the partition of the source record; the sink's topic needs at least as many partitions. */
export const samePartition: Partitioner = (record) => record.split.partition

const multiplier = 0x5bd1_e995
const seed = 0x9747_b28c

/** Hashes a key as Kafka's Java client does (Utils.murmur2): a signed 32-bit number. */
export function murmur2(key: Uint8Array): number {
  const whole = key.length & ~3
  let hash = seed ^ key.length
  for (let at = 0; at < whole; at += 4) {
    const word = Math.imul(fourBytes(key, at), multiplier)
    hash = Math.imul(hash, multiplier) ^ Math.imul(word ^ (word >>> 24), multiplier)
  }
  if (whole < key.length) hash = Math.imul(hash ^ fourBytes(key, whole), multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}

/** Little endian; bytes past the end count as 0. */
function fourBytes(key: Uint8Array, at: number): number {
  return (key[at] as number) | ((key[at + 1] ?? 0) << 8) | ((key[at + 2] ?? 0) << 16) | ((key[at + 3] ?? 0) << 24)
}
