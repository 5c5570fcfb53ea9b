/**
 * Which partition of the sink's topic a record goes to. Chosen once for each record and attempt, so it need not be the same
 * again after a restart; order holds among the records that one partitioner keeps together.
 */
import type { StreamRecord } from '../record.ts'

/**
 * @param partitions how many partitions the topic has
 * @param key the encoded key; null: none
 * @returns the partition, from 0. One that the topic does not have makes the sink raise Fatal NO_SUCH_PARTITION.
 */
export type Partitioner = (record: StreamRecord<unknown>, partitions: number, key: Uint8Array | null) => number

/** Kafka's default: equal keys go to one partition, the same that Java producers choose. Without a key: that of the source record. */
export const byKey: Partitioner = (record, partitions, key) =>
  key === null ? record.split.partition % partitions : (murmur2(key) & 0x7fff_ffff) % partitions

/** That of the source record, as it is: for a sink topic with at least as many partitions as the source has. */
export const samePartition: Partitioner = (record) => record.split.partition

const multiplier = 0x5bd1_e995
const seed = 0x9747_b28c

/** The hash that Kafka's Java client takes of keys (Utils.murmur2): a signed 32-bit number. */
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

/** The lowest first; behind the end there are zeros. */
function fourBytes(key: Uint8Array, at: number): number {
  return (key[at] as number) | ((key[at + 1] ?? 0) << 8) | ((key[at + 2] ?? 0) << 16) | ((key[at + 3] ?? 0) << 24)
}
