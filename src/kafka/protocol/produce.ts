/**
 * Produce: appends record batches. Up to version 11, the coordinator must know the partitions of a
 * transaction beforehand; from version 12 on, writing to a partition is enough (transaction
 * protocol v2). Version 13 would name topics by id.
 */
import type { Buffer } from 'node:buffer'
import type { Api, TopicPartition } from './api.ts'
import { writeByTopic } from './byTopic.ts'
import { readByTopic } from './readByTopic.ts'
import type { Reader } from './reader.ts'

export interface ProduceArgs {
  readonly transactionalId: string | null
  /** -1: all in-sync replicas. 1: the leader. (0 has no answer, so failures would go unnoticed.) */
  readonly acks: -1 | 1
  /** How long the leader waits for the other replicas, ms. */
  readonly timeout: number
  /** At most one batch per partition. */
  readonly batches: readonly OutgoingRecords[]
}

export interface OutgoingRecords extends TopicPartition {
  /** One encoded record batch. Must not change until the answer has arrived. */
  readonly records: Buffer
}

export interface ProducedPartition extends TopicPartition {
  readonly errorCode: number
  readonly errorMessage: string | null
  /**
   * Failing records, if the broker names them: for bad timestamps and missing keys, not for sizes.
   */
  readonly refused: readonly RefusedIndex[]
  /** Offset of the first record; -1 if unknown. */
  readonly baseOffset: number
}

export interface RefusedIndex {
  /** Index in the batch. */
  readonly index: number
  readonly message: string | null
}

export const produce: Api<ProduceArgs, readonly ProducedPartition[]> = {
  key: 0,
  name: 'Produce',
  min: 9,
  max: 12,
  encode(to, { transactionalId, acks, timeout, batches }) {
    to.string(transactionalId)
    to.int16(acks)
    to.int32(timeout)
    writeByTopic(to, batches, ({ partition, records }) => {
      to.int32(partition)
      to.bytes(records)
      to.tags()
    })
    to.tags()
  },
  decode(from) {
    const produced = readByTopic(from, (topic) => producedPartition(from, topic))
    from.throttleTime()
    from.tags()
    return produced
  },
}

function producedPartition(from: Reader, topic: string): ProducedPartition {
  const partition = from.int32()
  const errorCode = from.int16()
  const baseOffset = from.int64()
  from.int64() // log append time
  from.int64() // log start offset
  const refused = from.array(() => refusedRecord(from))
  const errorMessage = from.nullableString() ?? refused[0]?.message ?? null
  from.tags()
  return { topic, partition, errorCode, errorMessage, refused, baseOffset }
}

function refusedRecord(from: Reader): RefusedIndex {
  const index = from.int32()
  const message = from.nullableString()
  from.tags()
  return { index, message }
}
