/**
 * The Kafka source: all partitions of its topics, read_committed, assigned without group membership, so that a killed job reads on
 * at once, and does not wait for a session timeout. Where to read is decided by the ledger alone; the consumer group only shows lag.
 */

import type { Source } from '../../contracts/source.ts'
import type { AttemptContext, OnError, OperatorId } from '../../element.ts'
import { refuseOptions } from '../../options.ts'
import type { Codec } from '../../serde/codec.ts'
import { recordSerdes } from '../../serde/recordSerdes.ts'
import type { KafkaCluster } from '../cluster.ts'
import { lagGroups } from '../sessions/lagGroups.ts'
import { kafkaReader } from './kafkaReader.ts'
import { kafkaSourceProblems } from './kafkaSourceProblems.ts'
import type { StartFrom } from './startOffsets.ts'

export interface KafkaSourceOptions<T> {
  readonly topic?: string | undefined
  /** Instead of `topic`. */
  readonly topics?: readonly string[] | undefined
  /**
   * A consumer group of this name gets the offsets with each checkpoint, so that lag tools show progress. Nobody may consume with it.
   * They are part of the transaction, so this needs an exactly-once Kafka sink on the same cluster; other jobs do not write them.
   */
  readonly groupId?: string | undefined
  /**
   * Only for the first start of a job: later ones resume their checkpoint. Default 'earliest'. Over shards, that of each counts: 'latest' is where the
   * partition ends when its shard first starts.
   */
  readonly startFrom?: StartFrom | undefined
  /** How bytes become values: a serde (`json()`, `text`, ...), an io-ts codec or a Standard Schema validator (both: JSON, validated). */
  readonly value: Codec<T>
  /** Default: the key's bytes as they are. */
  readonly key?: Codec<unknown> | undefined
  /**
   * About this many records at most are in flight between source and sinks, large ones counting once more for each 4 KiB; default 50,000. Where
   * they pass slowly there are fewer: what passes in about a second, so that a checkpoint need not wait for longer.
   */
  readonly maxInFlight?: number | undefined
  /**
   * The largest size of one record batch after decompression, bytes; default 67,108,864 (64 MiB), at most 1 GiB. A batch that has more is not
   * decompressed: `onError` decides, once for the whole batch, and a dead letter of it has no value, but the first and the last offset.
   */
  readonly maxDecompressedBytes?: number | undefined
  /** 'latest': read what is there when the attempt starts, take a final checkpoint, complete. Default: read on for ever. */
  readonly until?: 'latest' | undefined
  /** How often new partitions are looked for, ms; default 30,000. */
  readonly discovery?: number | undefined
  /** What becomes of records that `value` or `key` cannot decode; default: what the job says. */
  readonly onError?: OnError | undefined
  /** Default: "kafkaSource:" and the topics. */
  readonly id?: OperatorId | undefined
}

/** Throws Fatal BAD_SOURCE_OPTIONS on options that cannot work; what needs the cluster is checked when the job starts. */
export function kafkaSource<T>(cluster: KafkaCluster, options: KafkaSourceOptions<T>): Source<T> {
  const topics = options.topics ?? (options.topic === undefined ? [] : [options.topic])
  const { maxInFlight = 50_000, groupId, id = `kafkaSource:${topics.join(',')}` } = options
  refuseOptions('BAD_SOURCE_OPTIONS', kafkaSourceProblems(options))
  const serdes = recordSerdes(options)
  return {
    id,
    topics,
    maxInFlight,
    onError: options.onError,
    sharded: true,
    bounded: options.until !== undefined,
    open(attempt: AttemptContext) {
      if (groupId !== undefined) lagGroups(attempt, cluster).set(id, groupId)
      return kafkaReader(attempt, cluster, { ...options, ...serdes, topics, source: id })
    },
  }
}
