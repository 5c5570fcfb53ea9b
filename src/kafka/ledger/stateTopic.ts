/**
 * Snapshots as records: the topic PREFIX-JOB-state, with one partition per shard. A snapshot is cut
 * into pieces, which go into the transaction that decides its checkpoint, before the ledger entry:
 *
 *   state    ... [chk-8 piece][chk-8 piece][marker]      decided with entry 8, or aborted with it
 *   ledger   ... [entry 8 {chk-8: 40-42}][marker]
 *
 * The entry says where the pieces of all snapshots of its chain lie, so a reader fetches these
 * ranges and no others. What lies below all of them is deleted, seldom.
 *
 * A snapshot that is written anew, as slots move or operators get other names, belongs to no
 * checkpoint. Its pieces are sent without a transaction, and are garbage until an entry names them,
 * as the pieces of an aborted transaction are. So writing it may take longer than a transaction.
 */
import { Buffer } from 'node:buffer'
import type { AttemptContext } from '../../attempt.ts'
import { inlineBytes } from '../../checkpoint/inline.ts'
import { parseSnapshotKey, stateTopicName } from '../../checkpoint/names.ts'
import { chunksOf, inPieces, joined } from '../../contracts/chunks.ts'
import type { LedgerEntry } from '../../contracts/ledgerEntry.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import { RetriableError } from '../../errors.ts'
import type { CheckpointId } from '../../record.ts'
import { createBatchBuilder, withoutTimestamp } from '../batch/batchBuilder.ts'
import type { KafkaCluster } from '../cluster.ts'
import { brokerError, unknownTopic } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import { addPartitions, createAsAllowed, keptUntilDeleted, type Refusal, seen } from '../nodes/createTopic.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { deleteRecords } from '../protocol/deleteRecords.ts'
import type { Ack } from '../sending/delivery.ts'
import type { Parcel } from '../sending/producer.ts'
import { durable, tellWeakness } from './ledgerStrength.ts'
import { stateRecords } from './stateRecords.ts'

export interface StateTopic {
  /** Snapshots are stored in the transaction of their checkpoint. */
  readonly storage: CheckpointStorage
  /** Takes an entry that was read, whose snapshots may be read ahead of a takeover. */
  seen(entry: LedgerEntry | null): void
  /** Takes the entry from which the shard goes on, and forgets all other snapshots. */
  begin(entry: LedgerEntry | null): void
  /** The entry with the places of its snapshots. */
  located(entry: LedgerEntry): LedgerEntry
}

export interface StateTopicParts {
  readonly attempt: Pick<AttemptContext, 'job' | 'execution' | 'shard' | 'shards' | 'clock' | 'signal' | 'tell'>
  readonly cluster: KafkaCluster
  readonly connections: Connections
  readonly leaders: Leaders
  readonly prefix: string
  /** Sends into the transaction of this checkpoint. */
  readonly send: (checkpoint: CheckpointId, parcels: readonly Parcel[]) => Promise<readonly Ack[]>
  /** Sends without a transaction. */
  readonly sendApart: Send
}

export type Send = (parcels: readonly Parcel[]) => Promise<readonly Ack[]>

type Range = readonly [from: number, to: number]

/** Size of a piece, bytes: brokers take records of up to 1 MiB by default. */
const pieceBytes = 512 * 1024
/** Time between deletions, ms. */
const seldom = 30_000

export function stateTopic(parts: StateTopicParts): StateTopic {
  const { attempt, cluster, connections, leaders, prefix, send, sendApart } = parts
  const topic = stateTopicName(prefix, attempt.job)
  const split = { topic, partition: attempt.shard }
  const read = stateRecords(attempt, connections, leaders, split)
  /** Places of the stored snapshots that a ledger entry may name. */
  let ranges = new Map<string, Range>()
  /** Places of those that another session has stored. */
  let others = new Map<string, Range>()
  let isThere = false
  let purged = attempt.clock.monotonic()

  async function ensure(): Promise<void> {
    if (isThere) return
    const found = await connections.metadata([topic])
    const partitions = found.topics[0]?.errorCode === unknownTopic ? 0 : (found.topics[0]?.partitions.length ?? 0)
    if (partitions === 0) await create(found.brokers.length)
    else if (partitions < attempt.shards) await addPartitions(cluster, topic, attempt.shards, refusal)
    await seen(leaders, topic, refusal)
    isThere = true
    tellWeakness(attempt, cluster, topic)
  }

  async function create(brokers: number): Promise<void> {
    const plain = { topic, partitions: attempt.shards, configEntries: keptUntilDeleted }
    const best = durable(brokers).map(({ configEntries, ...replicas }) => {
      return { ...plain, ...replicas, configEntries: [...keptUntilDeleted, ...configEntries] }
    })
    await createAsAllowed(cluster, best, plain, refusal)
  }

  async function write(key: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const checkpoint = parseSnapshotKey(key)?.checkpoint ?? 0
    await store(key, chunks, (parcels) => send(checkpoint, parcels))
  }

  async function store(key: string, chunks: AsyncIterable<Uint8Array>, send: Send): Promise<void> {
    await ensure()
    let range: Range | undefined
    for await (const piece of inPieces(chunks, pieceBytes)) {
      const builder = createBatchBuilder({ compression: 'none' })
      builder.append(withoutTimestamp, Buffer.from(key), piece, [])
      const [ack] = await send([{ ...split, builder }])
      if (ack === undefined || ack.baseOffset < 0) throw unplaced(topic)
      range = [range?.[0] ?? ack.baseOffset, ack.baseOffset + 1]
    }
    if (range !== undefined) ranges.set(key, range)
  }

  /** Chains only grow by later snapshots, so nothing below the lowest one is ever needed again. */
  async function purge(): Promise<void> {
    const lowest = Math.min(...[...ranges.values()].map(([from]) => from))
    const now = attempt.clock.monotonic()
    if (now - purged < seldom || !Number.isFinite(lowest) || lowest === 0) return
    purged = now
    for (const [node, splits] of leaders.group([{ ...split, offset: lowest }])) {
      for (const { errorCode } of await connections.call(node, deleteRecords, splits))
        if (errorCode !== 0) throw brokerError(errorCode, 'DeleteRecords', split)
    }
  }

  const rangeOf = (key: string): Range | undefined => ranges.get(key) ?? others.get(key)

  return {
    storage: {
      ...{ place: `topic ${topic}`, shared: true, inLedger: true, inline: inlineBytes },
      put: (key, bytes) => write(key, chunksOf([bytes])),
      write,
      async writeApart(key, chunks) {
        await store(key, chunks, sendApart)
        const range = ranges.get(key)
        return range === undefined ? {} : { [key]: range }
      },
      async get(key) {
        const range = rangeOf(key)
        if (range === undefined) return null
        return joined(read(key, range))
      },
      async read(key) {
        const range = rangeOf(key)
        return range === undefined ? null : read(key, range)
      },
      list: async () => [],
      async remove(key) {
        ranges.delete(key)
        await purge()
      },
    },
    seen(entry) {
      others = new Map(Object.entries(entry?.records ?? {}))
    },
    begin(entry) {
      ranges = new Map(Object.entries(entry?.records ?? {}))
    },
    located(entry) {
      const known = [...ranges].filter(([key]) => (parseSnapshotKey(key)?.checkpoint ?? 0) <= entry.checkpoint)
      return { ...entry, records: Object.fromEntries(known) }
    },
  }
}

const refusal: Refusal = {
  fatal: 'STATE_TOPIC_MISSING',
  retriable: 'STATE_TOPIC_NOT_CREATED',
  what: 'the state topic',
}

function unplaced(topic: string): RetriableError {
  return new RetriableError('STORAGE_IO', 'a broker acknowledged a piece of a snapshot without its offset', {
    where: { topic },
    hint: 'The next attempt stores the snapshot again',
  })
}
