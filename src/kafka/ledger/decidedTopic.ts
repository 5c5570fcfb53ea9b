/**
 * A compacted topic whose last committed record of a key is a decision: the ledger topic, or the
 * plan topic. Each partition has one key.
 *
 *   offsets  ... [entry 41][marker][entry 42][marker]  <- end
 *                                   ^ reads start here: the last entry is near the end of the log
 */

import type { AttemptContext } from '../../attempt.ts'
import { RetriableError } from '../../errors.ts'
import { createBatchBuilder, withoutTimestamp } from '../batch/batchBuilder.ts'
import type { KafkaCluster } from '../cluster.ts'
import type { Connections } from '../nodes/connections.ts'
import { addPartitions, createAsAllowed, type Refusal, seen } from '../nodes/createTopic.ts'
import type { Leaders } from '../nodes/leaders.ts'
import type { Ack } from '../sending/delivery.ts'
import type { Parcel } from '../sending/producer.ts'
import { ledgerGlimpse } from './ledgerGlimpse.ts'
import type { LedgerHorizon } from './ledgerHorizon.ts'
import { ledgerLog, type View } from './ledgerLog.ts'
import { proveRead, staleRead } from './ledgerSentinel.ts'
import { ledgerConfig, safest } from './ledgerStrength.ts'

/** Access to one partition of a topic of decisions. */
export interface DecidedTopic<T> {
  readonly name: string
  /**
   * Creates the topic if `read` found none, or the partitions that it lacks. As late as possible: a
   * job that cannot start leaves nothing behind. Rejects with the Fatal codes of the refusals if
   * creation is not allowed, with Retriable LEDGER_APPEARED if the topic has appeared since, for
   * then the read was incomplete.
   */
  ensure(): Promise<void>
  /**
   * The last committed entry; null also if the topic does not exist. 'fenced', after a fence, when
   * all transactions are decided: reads up to the very end and waits for it if necessary.
   * 'committed': reads up to what is decided now.
   */
  read(until: 'fenced' | 'committed'): Promise<T | null>
  /**
   * As `read('committed')`, for somebody who waits for the next entry: one request a look, and
   * older by up to some seconds if the leader is deposed.
   */
  glimpse(): Promise<T | null>
  /** The entry as a parcel for a producer. */
  parcel(entry: T): Parcel
  /**
   * Proves, with the ack of the first entry sent after a fence, that the read after that fence was
   * complete; later calls return at once. Call it before committing the entry's transaction.
   * Rejects with Retriable LEDGER_READ_STALE if the read was stale, with Fatal LEDGER_TRUNCATED if
   * the log is shorter than the read.
   */
  prove(acks: readonly Ack[]): Promise<void>
}

/** What tells one kind of decisions from another. */
export interface Decisions<T> {
  readonly name: string
  readonly keyOf: (partition: number) => Buffer
  readonly encode: (entry: T) => Uint8Array
  readonly decode: (bytes: Uint8Array, place: string) => T
  /** Whether nobody else has written between the two entries. */
  readonly sameWriter: (before: T | null, after: T | null) => boolean
  /** Errors if the topic, or partitions of it, cannot be created. */
  readonly missing: Refusal
  readonly tooSmall: Refusal
}

export interface DecidedTopicParts<T> extends Decisions<T> {
  readonly attempt: Pick<AttemptContext, 'clock' | 'signal' | 'tell'>
  readonly cluster: KafkaCluster
  readonly connections: Connections
  readonly leaders: Leaders
  readonly horizon: LedgerHorizon
  readonly partition: number
  /** Number of partitions that the topic must have. */
  readonly partitions: number
}

export function decidedTopic<T>(parts: DecidedTopicParts<T>): DecidedTopic<T> {
  const { attempt, cluster, connections, leaders, horizon, name, keyOf, partition, partitions } = parts
  const own = { topic: name, partition }
  const view = ledgerLog({ attempt, connections, leaders, name, keyOf, decode: parts.decode, horizon })
  const glimpse = ledgerGlimpse({
    ...{ attempt, connections, leaders, split: own, key: keyOf(partition), decode: parts.decode },
    view: () => view('committed', partition),
    behind: (offset) => staleRead({ ...own }, `the leader has refused a read at offset ${offset}`),
  })
  let missing = false
  let tooSmall = false
  /** Last read without a fence, since the last fence. */
  let advisory: View<T> | null = null
  /** Read of the last fence, until it is proven. */
  let unproven: View<T> | null = null

  /**
   * False if another writer in the second read may have been there before the first read: a
   * transaction was undecided then (it may be old), or the leader has changed (the first one may
   * have been deposed).
   */
  function inOrder(before: View<T>, after: View<T>): boolean {
    if (parts.sameWriter(before.entry, after.entry)) return true
    return before.epoch === after.epoch && !before.undecided
  }

  /**
   * Uses the safest settings the cluster allows; a cluster with managed replication or
   * configuration overrides them.
   */
  async function create(): Promise<void> {
    const wanted = { topic: name, partitions, configEntries: ledgerConfig }
    const { brokers } = await connections.metadata([name])
    const best = safest(brokers.length).map((shape) => ({ ...wanted, ...shape }))
    if (!(await createAsAllowed(cluster, best, wanted, parts.missing))) throw appeared(name)
    await seen(leaders, name, parts.missing)
  }

  return {
    ...{ name, glimpse },
    async ensure() {
      if (missing) await create()
      if (tooSmall) await addPartitions(cluster, name, partitions, parts.tooSmall)
      missing = tooSmall = false
    },
    async read(until) {
      const seen = await view(until, partition)
      missing = seen.partitions === null
      // A topic made by hand, or by a start with fewer shards that never wrote an entry.
      tooSmall = seen.partitions !== null && seen.partitions < partitions
      const before = advisory
      advisory = until === 'fenced' ? null : seen
      unproven = until === 'fenced' ? seen : null
      if (until === 'fenced' && before !== null && !inOrder(before, seen))
        throw staleRead(own, 'another writer has appeared, perhaps before the first read')
      return seen.entry
    },
    async prove(acks) {
      if (unproven === null) return
      const { topicId } = await leaders.topic(name)
      const ack = acks.find((one) => one.topic === name && one.partition === partition)
      if (ack === undefined) throw staleRead(own, 'no leader has acknowledged the record')
      await proveRead({ attempt, connections, split: own, key: keyOf(partition), topicId }, unproven.end, ack)
      horizon.reached(name, topicId, partition, ack.baseOffset)
      unproven = null
    },
    parcel(entry) {
      const builder = createBatchBuilder({ compression: 'none' })
      builder.append(withoutTimestamp, keyOf(partition), parts.encode(entry), [])
      return { ...own, builder }
    },
  }
}

function appeared(topic: string): RetriableError {
  return new RetriableError('LEDGER_APPEARED', `the topic did not exist when it was read, and exists now`, {
    where: { topic },
    hint: 'The next attempt reads it',
  })
}
