/**
 * The ledger topic of a job: compacted, one partition a shard, so that nobody else's open transaction can hide an entry. An entry is
 * a record with the shard as its key; the last committed one counts.
 *
 *   offsets  ... [entry 41][marker][entry 42][marker]  <- end
 *                                   ^ read from here first: the last entry is near the end, however long the topic is
 */

import type { LedgerEntry } from '../checkpoint/ledger.ts'
import { decodeEntry, encodeEntry } from '../checkpoint/ledgerCodec.ts'
import { ledgerRecordKey, ledgerTopicName } from '../checkpoint/names.ts'
import { sleep } from '../clock.ts'
import type { AttemptContext, Split } from '../element.ts'
import { RetriableError } from '../errors.ts'
import { createBatchBuilder } from './batch/batchBuilder.ts'
import { brokerError, isRefused } from './brokerErrors.ts'
import type { KafkaCluster } from './cluster.ts'
import { committedRecords } from './committedRecords.ts'
import type { Connections } from './connections.ts'
import { addPartitions, createTopic } from './createTopic.ts'
import type { Ack } from './delivery.ts'
import type { Leaders } from './leaders.ts'
import { type LedgerHorizon, ledgerHorizon } from './ledgerHorizon.ts'
import { proveRead, staleRead } from './ledgerSentinel.ts'
import { patience } from './patience.ts'
import type { Parcel } from './producer.ts'
import { type FetchedPartition, fetch } from './protocol/fetch.ts'
import { earliest, type Isolation, latest } from './protocol/listOffsets.ts'
import { splitOffsets } from './splitOffsets.ts'

export interface LedgerTopic {
  readonly name: string
  /**
   * Creates the topic where `read` has found none, or the partitions that it lacks for all shards: as late as can be, so that a job which cannot start
   * leaves nothing behind. Rejects with Fatal LEDGER_TOPIC_MISSING or LEDGER_TOPIC_TOO_SMALL where that is not allowed, with Retriable LEDGER_APPEARED where it is there by now: what was read
   * is not the whole past then.
   */
  ensure(): Promise<void>
  /**
   * The last committed entry; null, too, where there is no topic. 'fenced': after a fence, when all that was ever written is committed or aborted: reads up to the very
   * end and waits for it if need be. 'committed': up to what is decided now.
   * @param shard default: that of the attempt
   */
  read(until: 'fenced' | 'committed', shard?: number): Promise<LedgerEntry | null>
  /** The entry as something to send. */
  parcel(entry: LedgerEntry): Parcel
  /**
   * Proves, by the ack of the entry that was sent first after a fence, that the read of that fence was the whole past: no need after that. To be
   * called before the entry's transaction is committed. Rejects with Retriable LEDGER_READ_STALE where it was not, with Fatal LEDGER_TRUNCATED.
   */
  prove(acks: readonly Ack[]): Promise<void>
}

/** What the last read of the own partition has seen. */
interface View {
  readonly entry: LedgerEntry | null
  /** 0 where there is no topic. */
  readonly end: number
  /** Of the leader that has answered, as metadata have it; null where there is no topic. */
  readonly epoch: number | null
}

/** UNKNOWN_TOPIC_OR_PARTITION */
const unknownTopic = 3

/** How long brokers may say that a ledger which was there is gone before it is believed, ms. */
const settling = 10_000

/** How many offsets before the end are looked at first; eight times more each time that no entry is among them. */
const tail = 64

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
  let missing = false
  let tooSmall = false
  /** What was read without a fence since the last one. */
  let advisory: View | null = null
  /** What the last fence has read, as long as nothing has proven it. */
  let unproven: View | null = null

  async function offset(split: Split, timestamp: number, isolation: Isolation): Promise<number> {
    const [found] = await splitOffsets(attempt, connections, leaders, [split], timestamp, isolation)
    return found as number
  }

  async function isMissing(): Promise<boolean> {
    const [found] = (await connections.metadata([name])).topics
    const errorCode = found?.errorCode ?? 0
    if (errorCode !== 0 && !isRefused(errorCode)) throw brokerError(errorCode, 'Metadata', { topic: name })
    return errorCode === unknownTopic
  }

  /** The last entry in [from, end), or null. */
  async function lastEntry(split: Split, from: number, end: number): Promise<LedgerEntry | null> {
    const key = keyOf(split.partition)
    const place = `topic ${name}, partition ${split.partition}`
    const waiting = patience(attempt.clock, attempt.signal)
    let last: LedgerEntry | null = null
    for (let position = from; position < end; ) {
      const fetched = await fetchFrom(split, position)
      const next =
        fetched === null
          ? position
          : committedRecords(fetched, position, (record) => {
              if (record.key()?.equals(key)) last = decodeEntry(record.value() ?? Buffer.alloc(0), place)
            })
      if (next === position) await waiting.after(behind(split, position, end))
      else waiting.reset()
      position = next
    }
    return last
  }

  /** null: the leader has definitely refused; ask again. */
  async function fetchFrom(split: Split, position: number): Promise<FetchedPartition | null> {
    const { topicId } = await leaders.topic(name)
    const wanted = { ...split, topicId, offset: position, maxBytes: 1_048_576 }
    const args = { maxWait: 100, minBytes: 1, maxBytes: 1_048_576, partitions: [wanted] }
    const [fetched] = await connections.call(leaders.leader(name, split.partition), fetch, args)
    if (fetched === undefined || fetched.errorCode === 0) return fetched ?? null
    if (!isRefused(fetched.errorCode)) throw brokerError(fetched.errorCode, 'Fetch', { ...split, offset: position })
    await leaders.refresh()
    return null
  }

  /** Markers of a transaction that has just ended may still be on their way into the log. */
  function behind(split: Split, position: number, end: number): RetriableError {
    return new RetriableError('LEDGER_BEHIND', `the ledger cannot be read up to its end ${end}`, {
      where: { ...split, offset: position },
    })
  }

  /** The end of what is to be read. Whoever says that it lies before what is known to be there is asked again, or somebody else. */
  async function endOf(split: Split, until: 'fenced' | 'committed', topicId: string): Promise<number> {
    const waiting = patience(attempt.clock, attempt.signal)
    for (;;) {
      const end = await offset(split, latest, until === 'fenced' ? 'read_uncommitted' : 'read_committed')
      if (end >= horizon.of(topicId, split.partition)) return end
      await waiting.after(behind(split, end, horizon.of(topicId, split.partition)))
      await leaders.refresh()
    }
  }

  /** A topic that has been there is gone only if everybody who is asked has said so for a while. */
  async function isGone(): Promise<boolean> {
    const until = attempt.clock.monotonic() + settling
    while (await isMissing()) {
      if (!horizon.knows(name) || attempt.clock.monotonic() >= until) return true
      await sleep(attempt.clock, 100, attempt.signal)
    }
    return false
  }

  async function view(until: 'fenced' | 'committed', shard: number): Promise<View> {
    missing = await isGone()
    if (missing) return { entry: null, end: 0, epoch: null }
    const { partitions, topicId } = await leaders.topic(name)
    // It may have been made by hand, or by a start with fewer shards that has not come to its first entry.
    tooSmall = partitions.length < attempt.shards
    const split = { topic: name, partition: shard }
    const start = await offset(split, earliest, 'read_uncommitted')
    const end = await endOf(split, until, topicId)
    const epoch = (await leaders.topic(name)).partitions[shard]?.leaderEpoch ?? -1
    for (let length = tail; ; length *= 8) {
      const from = Math.max(start, end - length)
      const entry = await lastEntry(split, from, end)
      if (entry === null && from > start) continue
      if (until === 'fenced') horizon.reached(name, topicId, shard, end)
      return { entry, end, epoch }
    }
  }

  /** Two reads under one leader are in order. Of two leaders the first may have been deposed, and what it said may be long past. */
  function inOrder(before: View, after: View): boolean {
    return before.epoch === after.epoch || before.entry?.owner === after.entry?.owner
  }

  return {
    name,
    async ensure() {
      const wanted = { topic: name, partitions: attempt.shards, configEntries }
      if (missing && !(await createTopic(cluster, wanted, refusal))) throw appeared(name)
      if (tooSmall) await addPartitions(cluster, name, attempt.shards, tooSmallRefusal)
      missing = tooSmall = false
    },
    async read(until, shard = attempt.shard) {
      const seen = await view(until, shard)
      if (shard !== attempt.shard) return seen.entry
      const before = advisory
      advisory = until === 'fenced' ? null : seen
      unproven = until === 'fenced' ? seen : null
      if (until === 'fenced' && before !== null && !inOrder(before, seen))
        throw staleRead(own, 'the leader has changed, and so has the owner, since it was read first')
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
      builder.append(attempt.clock.now(), keyOf(attempt.shard), encodeEntry(entry), [])
      return { ...own, builder }
    },
  }
}

/** Small segments, so that the cleaner gets to work; nothing else may write here, so nothing else is configured. */
const configEntries = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'segment.bytes', value: '16777216' },
  { name: 'min.cleanable.dirty.ratio', value: '0.1' },
]

const refusal = { fatal: 'LEDGER_TOPIC_MISSING', retriable: 'LEDGER_TOPIC_NOT_CREATED', what: 'the ledger topic' }

function appeared(topic: string): RetriableError {
  return new RetriableError('LEDGER_APPEARED', 'the ledger topic did not exist when it was read, and now it does', {
    where: { topic },
    hint: 'The next attempt reads it',
  })
}

const tooSmallRefusal = {
  fatal: 'LEDGER_TOPIC_TOO_SMALL',
  retriable: 'LEDGER_TOPIC_NOT_ALTERED',
  what: 'the ledger topic',
}
