/**
 * The ledger topic of a job: compacted, one partition a shard, so that nobody else's open
 * transaction can hide an entry. An entry is a record with the shard as its key; the last committed
 * one counts.
 *
 *   offsets  ... [entry 41][marker][entry 42][marker]  <- end
 *                                   ^ read from here first: the last entry is near the end, however long the topic is
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
   * Creates the topic where `read` has found none, or the partitions that it lacks for all shards:
   * as late as can be, so that a job which cannot start leaves nothing behind. Rejects with Fatal
   * LEDGER_TOPIC_MISSING or LEDGER_TOPIC_TOO_SMALL where that is not allowed, with Retriable
   * LEDGER_APPEARED where it is there by now: what was read is not the whole past then.
   */
  ensure(): Promise<void>
  /**
   * The last committed entry; null, too, where there is no topic. 'fenced': after a fence, when all
   * that was ever written is committed or aborted: reads up to the very end and waits for it if
   * need be. 'committed': up to what is decided now.
   * @param shard default: that of the attempt
   */
  read(until: 'fenced' | 'committed', shard?: number): Promise<LedgerEntry | null>
  /** The entry as something to send. */
  parcel(entry: LedgerEntry): Parcel
  /**
   * Proves, by the ack of the entry that was sent first after a fence, that the read of that fence
   * was the whole past: no need after that. To be called before the entry's transaction is
   * committed. Rejects with Retriable LEDGER_READ_STALE where it was not, with Fatal
   * LEDGER_TRUNCATED.
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
  /** What was read without a fence since the last one. */
  let advisory: View | null = null
  /** What the last fence has read, as long as nothing has proven it. */
  let unproven: View | null = null

  /**
   * Whether another owner in the second read has come after the first one. Not where something was
   * undecided then, which may be of long ago, and not where the leader has changed: then the first
   * may have been deposed.
   */
  function inOrder(before: View, after: View): boolean {
    if (before.entry?.owner === after.entry?.owner) return true
    return before.epoch === after.epoch && !before.undecided
  }

  /**
   * As safe as the cluster allows; a cluster that decides itself about replication or configuration
   * has it its way.
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
      // It may have been made by hand, or by a start with fewer shards that has not come to its
      // first entry.
      tooSmall = seen.partitions !== null && seen.partitions < attempt.shards
      if (shard !== attempt.shard) return seen.entry
      const before = advisory
      advisory = until === 'fenced' ? null : seen
      unproven = until === 'fenced' ? seen : null
      if (until === 'fenced' && before !== null && !inOrder(before, seen))
        throw staleRead(own, 'there is another owner, perhaps since before it was read first')
      return seen.entry
    },
    async prove(acks) {
      if (unproven === null) return
      const { topicId } = await leaders.topic(name)
      const ack = acks.find(({ topic, partition }) => topic === name && partition === own.partition)
      if (ack === undefined) throw staleRead(own, 'nobody has acked the record')
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
 * Brokers refuse timestamps too far from their own clock, and that of this machine may be wrong.
 * None of their limits applies to none.
 */
const noTimestamp = -1

const refusal: Refusal = {
  fatal: 'LEDGER_TOPIC_MISSING',
  retriable: 'LEDGER_TOPIC_NOT_CREATED',
  what: 'the ledger topic',
}

function appeared(topic: string): RetriableError {
  return new RetriableError('LEDGER_APPEARED', 'the ledger topic did not exist when it was read, and now it does', {
    where: { topic },
    hint: 'The next attempt reads it',
  })
}

const tooSmallRefusal: Refusal = {
  fatal: 'LEDGER_TOPIC_TOO_SMALL',
  retriable: 'LEDGER_TOPIC_NOT_ALTERED',
  what: 'the ledger topic',
}
