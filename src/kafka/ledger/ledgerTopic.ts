/**
 * The ledger topic of a job: compacted, with one partition per shard, so that no other shard's open
 * transaction can hide an entry. The key of an entry is its shard; the last committed entry counts.
 *
 *   offsets  ... [entry 41][marker][entry 42][marker]  <- end
 *                                   ^ reads start here: the last entry is near the end of the log
 */

import type { AttemptContext } from '../../attempt.ts'
import { encodeEntry } from '../../checkpoint/ledgerCodec.ts'
import { ledgerRecordKey, ledgerTopicName } from '../../checkpoint/names.ts'
import type { LedgerEntry } from '../../contracts/ledger.ts'
import { RetriableError } from '../../errors.ts'
import { createBatchBuilder } from '../batch/batchBuilder.ts'
import type { KafkaCluster } from '../cluster.ts'
import type { Connections } from '../nodes/connections.ts'
import { addPartitions, createTopic, isShapeRefused, type Refusal, seen } from '../nodes/createTopic.ts'
import type { Leaders } from '../nodes/leaders.ts'
import type { Ack } from '../sending/delivery.ts'
import type { Parcel } from '../sending/producer.ts'
import { type LedgerHorizon, ledgerHorizon } from './ledgerHorizon.ts'
import { ledgerLog, type View } from './ledgerLog.ts'
import { proveRead, staleRead } from './ledgerSentinel.ts'
import { ledgerConfig, safest } from './ledgerStrength.ts'

export interface LedgerTopic {
  readonly name: string
  /**
   * Creates the topic if `read` found none, or the partitions that it lacks. As late as possible: a
   * job that cannot start leaves nothing behind. Rejects with Fatal LEDGER_TOPIC_MISSING or
   * LEDGER_TOPIC_TOO_SMALL if creation is not allowed, with Retriable LEDGER_APPEARED if the topic
   * has appeared since, for then the read was incomplete.
   */
  ensure(): Promise<void>
  /**
   * The last committed entry; null also if the topic does not exist. 'fenced', after a fence, when
   * all transactions are decided: reads up to the very end and waits for it if necessary.
   * 'committed': reads up to what is decided now.
   *
   * @param shard default: the attempt's
   */
  read(until: 'fenced' | 'committed', shard?: number): Promise<LedgerEntry | null>
  /** The ledger entry as a parcel for a producer. */
  parcel(entry: LedgerEntry): Parcel
  /**
   * Proves, with the ack of the first entry sent after a fence, that the read after that fence was
   * complete; later calls return at once. Call it before committing the entry's transaction.
   * Rejects with Retriable LEDGER_READ_STALE if the read was stale, with Fatal LEDGER_TRUNCATED if
   * the log is shorter than the read.
   */
  prove(acks: readonly Ack[]): Promise<void>
}

export function ledgerTopic(
  attempt: AttemptContext,
  cluster: KafkaCluster,
  connections: Connections,
  leaders: Leaders,
  prefix: string,
  horizon: LedgerHorizon = ledgerHorizon(),
): LedgerTopic {
  const name = ledgerTopicName(prefix, attempt.job)
  const keyOf = (shard: number) => Buffer.from(ledgerRecordKey(prefix, attempt.job, shard))
  const own = { topic: name, partition: attempt.shard }
  const view = ledgerLog({ attempt, connections, leaders, name, keyOf, horizon })
  let missing = false
  let tooSmall = false
  /** Last read without a fence, since the last fence. */
  let advisory: View | null = null
  /** Read of the last fence, until it is proven. */
  let unproven: View | null = null

  /**
   * False if another owner in the second read may have been there before the first read: a
   * transaction was undecided then (it may be old), or the leader has changed (the first one may
   * have been deposed).
   */
  function inOrder(before: View, after: View): boolean {
    if (before.entry?.owner === after.entry?.owner) return true
    return before.epoch === after.epoch && !before.undecided
  }

  /**
   * Uses the safest settings the cluster allows; a cluster with managed replication or
   * configuration overrides them.
   */
  async function create(): Promise<void> {
    const wanted = { topic: name, partitions: attempt.shards, configEntries: ledgerConfig }
    const { brokers } = await connections.metadata([name])
    const made = await createTopic(cluster, { ...wanted, ...safest(brokers.length) }, refusal).catch((thrown) => {
      const { cause } = thrown as { readonly cause?: unknown }
      return isShapeRefused(cause) ? createTopic(cluster, wanted, refusal) : Promise.reject(thrown)
    })
    if (!made) throw appeared(name)
    await seen(leaders, name, refusal)
  }

  return {
    name,
    async ensure() {
      if (missing) await create()
      if (tooSmall) await addPartitions(cluster, name, attempt.shards, tooSmallRefusal)
      missing = tooSmall = false
    },
    async read(until, shard = attempt.shard) {
      const seen = await view(until, shard)
      missing = seen.partitions === null
      // A topic made by hand, or by a start with fewer shards that never wrote an entry.
      tooSmall = seen.partitions !== null && seen.partitions < attempt.shards
      if (shard !== attempt.shard) return seen.entry
      const before = advisory
      advisory = until === 'fenced' ? null : seen
      unproven = until === 'fenced' ? seen : null
      if (until === 'fenced' && before !== null && !inOrder(before, seen))
        throw staleRead(own, 'another owner has appeared, perhaps before the first read')
      return seen.entry
    },
    async prove(acks) {
      if (unproven === null) return
      const { topicId } = await leaders.topic(name)
      const ack = acks.find(({ topic, partition }) => topic === name && partition === own.partition)
      if (ack === undefined) throw staleRead(own, 'no leader has acknowledged the record')
      await proveRead({ attempt, connections, split: own, key: keyOf(own.partition), topicId }, unproven.end, ack)
      horizon.reached(name, topicId, own.partition, ack.baseOffset)
      unproven = null
    },
    parcel(entry) {
      const builder = createBatchBuilder({ compression: 'none' })
      builder.append(noTimestamp, keyOf(attempt.shard), encodeEntry(entry), [])
      return { ...own, builder }
    },
  }
}

/**
 * Brokers refuse timestamps too far from their own clock, and this machine's clock may be wrong. A
 * record without a timestamp is exempt from all their limits.
 */
const noTimestamp = -1

const refusal: Refusal = {
  fatal: 'LEDGER_TOPIC_MISSING',
  retriable: 'LEDGER_TOPIC_NOT_CREATED',
  what: 'the ledger topic',
}

function appeared(topic: string): RetriableError {
  return new RetriableError('LEDGER_APPEARED', 'the ledger topic did not exist when it was read, and exists now', {
    where: { topic },
    hint: 'The next attempt reads it',
  })
}

const tooSmallRefusal: Refusal = {
  fatal: 'LEDGER_TOPIC_TOO_SMALL',
  retriable: 'LEDGER_TOPIC_NOT_ALTERED',
  what: 'the ledger topic',
}
