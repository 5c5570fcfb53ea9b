/**
 * Reads the partitions of a Kafka source for one attempt: from the ledger's position, and only
 * committed records.
 */
import type { Buffer } from 'node:buffer'
import type { AttemptContext } from '../../attempt.ts'
import { isMarker } from '../../contracts/marker.ts'
import type { MarkerListener, RepartitionReader } from '../../contracts/repartition.ts'
import { ofShard } from '../../contracts/source.ts'
import { type Deferred, deferred } from '../../deferred.ts'
import type { KeyPartitions } from '../../keySlots.ts'
import type { OperatorId, Split, SplitOffset } from '../../record.ts'
import { type EachRecord, preparation } from '../../serde/preparation.ts'
import { openSerdes, type WithSerdes } from '../../serde/recordSerdes.ts'
import { checkPlace, keySpread, partitionsGrew } from '../../sinks/keyedTopics.ts'
import { type RecordBatch, type RecordCursor, readBatches } from '../batch/readBatches.ts'
import type { KafkaCluster } from '../cluster.ts'
import { leaders as leadersOf } from '../nodes/leaders.ts'
import { lookupsOf } from '../nodes/lookups.ts'
import { finalPatience } from '../nodes/passing.ts'
import { patience } from '../nodes/patience.ts'
import { latest } from '../protocol/listOffsets.ts'
import { committedRecords } from '../reading/committedRecords.ts'
import { epochHistory } from '../reading/epochHistory.ts'
import { type Chunk, type FetchedSplit, fetcher } from '../reading/fetcher.ts'
import { sameTopic } from '../reading/sameTopic.ts'
import { splitOffsets } from '../reading/splitOffsets.ts'
import type { KafkaSourceOptions } from './kafkaSourceOptions.ts'
import { watchForPartitions } from './newPartitions.ts'
import { recordEmitter } from './recordEmitter.ts'
import { dropped, resumable } from './resumable.ts'
import { type AskOffsets, checkOffsets, type Doubted, sameSplit, startOffsets } from './startOffsets.ts'

interface ArrivedChunk extends Chunk<ReadSplit> {
  /** Decoded batches, if preparing the records needed them: they are not decompressed twice. */
  batches?: readonly RecordBatch[]
}

interface ReadSplit extends FetchedSplit {
  /** Shared by all its records. */
  readonly split: Split
  /** Next offset to emit. */
  position: number
}

type KafkaReaderOptions<T> = WithSerdes<KafkaSourceOptions<T>, T> & {
  readonly topics: readonly string[]
  readonly source: OperatorId
  /** True for a topic owned by the job: it has markers between its records. */
  readonly repartition?: boolean
}

type FoundSplit = Pick<FetchedSplit, 'topic' | 'topicId' | 'partition'>

/**
 * Wait of a fetch, ms; size of one answer and of one partition in it, bytes.
 *
 * With 1 MiB for a partition, most answers still waited when V8 counted them as old, and it
 * collected the whole heap for them every 150,000 records: a seventh of all CPU time. An answer for
 * many partitions is not larger for the same reason: with 8 MiB, eight partitions took nearly twice
 * the CPU time of one.
 */
const limits = { maxWait: 500, partitionBytes: 512 * 1024, partitionsAtOnce: 2 }

export async function kafkaReader<T>(
  attempt: AttemptContext,
  cluster: KafkaCluster,
  options: KafkaReaderOptions<T>,
): Promise<RepartitionReader<T>> {
  const { topics, startFrom = 'earliest', discoveryInterval = 30_000, until } = options
  const { repartition = false, keyed = false } = options
  const prepare = preparation(options)
  let marked: MarkerListener = () => undefined
  const emitRecords = recordEmitter(
    options,
    repartition ? (...marker) => marked(...marker) : undefined,
    keyed ? (...of) => checkPlace(options.source, spread?.partitions ?? 1, ...of) : undefined,
  )
  await openSerdes(options)
  const connections = await cluster.connect('fetch', attempt.tell)
  const leaders = leadersOf(attempt, connections)
  const lookups = lookupsOf(cluster, connections)
  const reading: ReadSplit[] = []
  const arrived: ArrivedChunk[] = []
  const through: Split[] = []
  let held: (split: Split) => boolean = () => false
  /** Next chunk to emit; prepared, if its records need that. */
  let ready: ArrivedChunk | null = null
  let waiting: Deferred<void> | null = null
  let closed = false
  let spread: KeyPartitions | undefined
  const fetching = fetcher<ReadSplit>(attempt, connections, leaders, limits, {
    arrived(chunk) {
      arrived.push(chunk)
      if (attempt.meter !== undefined) attempt.meter.bytes += chunk.fetched.records.length
      waiting?.resolve()
    },
    held: ({ split }) => held(split),
    settled(split) {
      checkEnd(split)
      waiting?.resolve()
    },
  })
  const ask: AskOffsets = (splits, timestamp, isolation) =>
    splitOffsets(attempt, connections, leaders, splits, timestamp, isolation)

  /** Asks again at the current leader before an offset counts as missing. */
  function doubted(): Doubted {
    const waiting = patience(attempt.clock, attempt.signal, { limit: finalPatience })
    return async (error) => {
      await waiting.after(error)
      await leaders.survey()
    }
  }

  /** All current partitions. */
  async function existing(): Promise<FoundSplit[]> {
    const found = await Promise.all(topics.map((topic) => leaders.topic(topic)))
    return found.flatMap(({ name, topicId, partitions }) =>
      partitions.map(({ partition }) => ({ topic: name, topicId, partition })),
    )
  }

  async function read(splits: readonly (FoundSplit & SplitOffset)[]): Promise<void> {
    // A replaced leader that does not know it would end the job before the last record.
    if (until === 'latest') await leaders.survey()
    const ends = until === 'latest' ? await ask(splits, latest) : null
    const added = splits.map(({ topic, topicId, partition, offset, leaderEpoch }, at): ReadSplit => {
      const split = { topic, partition }
      const epochs = epochHistory(offset, leaderEpoch)
      const place = { fetchOffset: offset, position: offset, bound: ends?.[at] ?? Infinity }
      return { topic, topicId, partition, split, ...place, epochs, unconfirmed: leaderEpoch !== undefined }
    })
    reading.push(...added)
    added.forEach(checkEnd)
    fetching.add(added)
  }

  /**
   * Adds partitions that no checkpoint knows: all their records are new, so they start at their
   * beginning.
   */
  async function readNew(): Promise<void> {
    // The partitions of a recreated topic are not the ones in question.
    for (const { position: offset, ...split } of reading) await sameTopic(attempt, leaders, { ...split, offset })
    const fresh = (await existing()).filter(
      (one) => ofShard(attempt, one) && !reading.some((known) => sameSplit(known, one)),
    )
    if (fresh.length > 0 && keyed) throw partitionsGrew(options.source, fresh[0] as Split)
    if (fresh.length > 0) await read(placed(fresh, await startOffsets(fresh, 'earliest', ask)))
  }

  function checkEnd({ split, position, bound, unconfirmed }: ReadSplit): void {
    if (position >= bound && !unconfirmed && !through.includes(split)) through.push(split)
  }

  /** Index of the first chunk that may be emitted; the number of chunks if there is none. */
  function next(): number {
    const at = arrived.findIndex(({ split }) => !held(split.split))
    return at < 0 ? arrived.length : at
  }

  return {
    async resolve(start = startFrom) {
      const splits = await existing()
      if (start !== 'earliest') await leaders.survey()
      return placed(splits, await startOffsets(splits, start, ask, doubted()))
    },
    async seek(splits) {
      for (const split of splits) {
        if (!topics.includes(split.topic)) throw dropped(options.source, split)
        await resumable(attempt, split, leaders)
        if (split.leaderEpoch !== undefined) leaders.witnessed(split, split.leaderEpoch)
      }
      await checkOffsets(splits, ask, doubted())
      await read(splits as readonly (SplitOffset & FoundSplit)[])
      await readNew()
      if (keyed || repartition) {
        const found = await Promise.all(topics.map((topic) => leaders.topic(topic)))
        const counted = found.map(({ name, partitions }) => ({ name, partitions: partitions.length }))
        spread = keySpread(options.source, options.key, counted)
      }
      if (until === undefined)
        watchForPartitions(attempt, leaders, lookups, discoveryInterval, () => closed, readNew).catch(attempt.fail)
    },
    async poll() {
      for (;;) {
        if (ready !== null) return 'ready'
        const [chunk] = arrived.splice(next(), 1)
        if (chunk !== undefined) {
          if (prepare !== undefined) await prepareOnce(chunk, prepare, options)
          ready = chunk
          return 'ready'
        }
        if (closed) return 'empty'
        if (until === 'latest' && through.length === reading.length) return 'end'
        waiting = deferred()
        await waiting.promise
      }
    },
    drain(emit, refuse, room) {
      const chunk = ready
      if (chunk === null) return
      if (!emitRecords(chunk, emit, refuse, room)) return
      ready = null
      checkEnd(chunk.split)
      chunk.taken()
    },
    position: () =>
      reading.map(({ topic, topicId, partition, position, epochs }) => {
        const leaderEpoch = epochs.before(position)
        const epoch = leaderEpoch === undefined ? {} : { leaderEpoch }
        return { topic, topicId, partition, offset: position, ...epoch }
      }),
    ends: () => reading.map(({ readable, bound }) => readable && Math.min(readable, bound)),
    ended: through,
    hold(answer) {
      held = answer
      waiting?.resolve()
      fetching.askAgain()
    },
    onMarker(listener) {
      marked = listener
    },
    keyPartitions: () => spread,
    async close() {
      closed = true
      waiting?.resolve()
      await Promise.all([connections.close(), lookups.close()])
    },
  }
}

/**
 * Size of a prepared chunk that is kept until it is emitted, bytes after decompression; the rest is
 * decompressed twice.
 */
const keptBytes = 16 * 1024 * 1024

async function prepareOnce(
  chunk: ArrivedChunk,
  prepare: (each: EachRecord) => Promise<void>,
  {
    maxDecompressedBytes: limit,
    repartition = false,
  }: Pick<KafkaReaderOptions<never>, 'maxDecompressedBytes' | 'repartition'>,
): Promise<void> {
  const { split, fetched } = chunk
  const kept: RecordBatch[] = []
  let [last, bytes]: [Buffer | null, number] = [null, 0]

  function* batches(): Generator<RecordBatch> {
    for (const batch of readBatches(fetched.records, fetched, limit)) {
      if (bytes <= keptBytes) kept.push(batch)
      else kept.length = 0
      yield batch
    }
  }

  await prepare((call) => {
    const each = (record: RecordCursor): void => {
      if (record.bytes !== last) bytes += record.bytes.length
      last = record.bytes
      const isData = !(repartition && isMarker(record.headers()))
      if (isData && record.offset < split.bound) call(record.value(), record.key())
    }
    // Unreadable records are refused in their turn.
    committedRecords(fetched, split.position, each, batches(), () => undefined)
  })
  if (bytes <= keptBytes) chunk.batches = kept
}

function placed<S extends Split>(splits: readonly S[], offsets: readonly number[]): (S & SplitOffset)[] {
  return splits.map((split, at) => ({ ...split, offset: offsets[at] as number }))
}
