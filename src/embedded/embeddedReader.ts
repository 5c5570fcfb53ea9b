/**
 * Reads the partitions of an embedded source for one attempt: batch by batch, partitions in turn.
 */
import type { AttemptContext } from '../attempt.ts'
import { isMarker, markerIn } from '../contracts/marker.ts'
import type { MarkerListener, RepartitionReader } from '../contracts/repartition.ts'
import { type Emit, ofShard, type Refuse } from '../contracts/source.ts'
import type { TopicSourceOptions } from '../contracts/topicSourceOptions.ts'
import { type Deferred, deferred } from '../deferred.ts'
import { type OperatorId, type Split, streamRecord } from '../record.ts'
import { bytes } from '../serde/bytes.ts'
import { nullable } from '../serde/nullable.ts'
import { type EachRecord, preparation } from '../serde/preparation.ts'
import { openSerdes, type WithSerdes } from '../serde/recordSerdes.ts'
import { undecodable } from '../serde/undecodable.ts'
import { checkPlace, keySpread, partitionsGrew } from '../sinks/keyedTopics.ts'
import type { BatchRecord } from './batchCursor.ts'
import { offsetsAt, partitionsOf, resumable, splitOffset } from './embeddedOffsets.ts'
import type { LogCore, PlacedBatch, Topic } from './logCore.ts'

/** Options of `embeddedSource`. */
export interface EmbeddedSourceOptions<T> extends TopicSourceOptions<T> {
  /**
   * Position at the first start of a job; later starts resume a checkpoint. With shards, it is
   * resolved once for all of them. Default 'earliest'.
   */
  readonly startFrom?: 'earliest' | 'latest' | undefined
  /**
   * Largest number of records in flight between source and sinks, exceeded by at most one batch of
   * up to 256 KiB. Default 50,000.
   */
  readonly maxInFlight?: number | undefined
}

type EmbeddedReaderOptions<T> = WithSerdes<EmbeddedSourceOptions<T>, T> & {
  readonly topics: readonly string[]
  readonly source: OperatorId
  /** True for a topic owned by the job: it has markers between its records. */
  readonly repartition?: boolean
}

interface ReadSplit {
  readonly topic: Topic
  /** Shared by all records of the split. */
  readonly split: Split
  /** Next offset to emit. */
  position: number
  /** End of a bounded source. */
  readonly bound: number
}

interface FoundBatch {
  readonly split: ReadSplit
  readonly batch: PlacedBatch
  /** Number of records read. */
  read: number
}

/**
 * Shortest pause before looking for records of other processes, ms; longer while there are none.
 */
const shortestPause = 5
const longestPause = 50

export async function embeddedReader<T>(
  attempt: Pick<AttemptContext, 'clock' | 'shard' | 'slots' | 'everywhere' | 'meter'>,
  core: LogCore,
  options: EmbeddedReaderOptions<T>,
): Promise<RepartitionReader<T>> {
  const { clock } = attempt
  const { repartition = false, keyed = false } = options
  await openSerdes(options)
  const prepare = preparation(options)
  const topics = options.topics.map(core.topic)
  const reading: ReadSplit[] = []
  const spread = keyed || repartition ? keySpread(options.source, options.key, topics) : undefined
  const through: Split[] = []
  let held: (split: Split) => boolean = () => false
  let marked: MarkerListener = () => undefined
  let found: FoundBatch | null = null
  /** Split to look at first, so that splits take turns. */
  let turn = 0
  let pause = shortestPause
  let waiting: Deferred<void> | null = null
  let closed = false

  const wake = (): void => waiting?.resolve()
  core.listeners.add(wake)

  function read(topic: Topic, partition: number, offset: number): void {
    const bound = options.until === 'latest' ? core.end(topic, partition) : Infinity
    const split: ReadSplit = { topic, split: { topic: topic.name, partition }, position: offset, bound }
    reading.push(split)
    checkEnd(split)
  }

  function checkEnd({ split, position, bound }: ReadSplit): void {
    if (position >= bound && !through.includes(split)) through.push(split)
  }

  function look(): void {
    core.file.refresh()
    for (let step = 0; step < reading.length && found === null; step++) {
      const split = reading[(turn + step) % reading.length] as ReadSplit
      if (split.position >= split.bound || held(split.split)) continue
      const batch = core.find(split.topic, split.split.partition, split.position)
      if (batch === null) continue
      found = { split, batch, read: 0 }
      if (attempt.meter !== undefined) attempt.meter.bytes += batch.bytes
    }
  }

  /** Waits for an append in this process, or for the time to look for those of other processes. */
  async function rest(): Promise<void> {
    waiting = deferred()
    const timer = clock.setTimeout(wake, pause)
    pause = Math.min(longestPause, pause * 2)
    await waiting.promise
    clock.clearTimeout(timer)
  }

  return {
    async resolve(start = options.startFrom) {
      core.file.refresh()
      const offset = offsetsAt(core, start)
      return topics.flatMap((topic) =>
        partitionsOf(topic).map((partition) => splitOffset(topic, partition, offset(topic, partition))),
      )
    },
    async seek(splits) {
      core.file.refresh()
      for (const split of splits) read(resumable(core, split), split.partition, split.offset)
      const known = ({ name }: Topic, partition: number) =>
        splits.some((split) => split.topic === name && split.partition === partition)
      for (const topic of topics) {
        for (const partition of partitionsOf(topic)) {
          const split = { topic: topic.name, partition }
          if (!ofShard(attempt, split) || known(topic, partition)) continue
          if (keyed) throw partitionsGrew(options.source, split)
          read(topic, partition, 0)
        }
      }
    },
    async poll() {
      if (closed) return 'empty'
      if (found === null) {
        look()
        if (found !== null && prepare !== undefined) found = await preparedBatch(found, prepare, options)
      }
      if (found !== null) {
        pause = shortestPause
        return 'ready'
      }
      if (options.until === 'latest' && through.length === reading.length) return 'end'
      await rest()
      return 'empty'
    },
    drain(emit, refuse, room = unlimited) {
      if (found === null) return
      const { split } = found
      turn = reading.indexOf(split) + 1
      const [through, record] = batchEmitter(found, emit, refuse, marked, options, spread?.partitions ?? 1)
      for (let most = room(); most > 0 && !through(); most = room()) {
        for (let left = most; left > 0 && !through(); left--) record()
      }
      if (!through()) return
      found = null
      checkEnd(split)
    },
    position: () => reading.map(({ topic, split, position }) => splitOffset(topic, split.partition, position)),
    ends: () => reading.map(({ topic, split, bound }) => Math.min(bound, core.end(topic, split.partition))),
    ended: through,
    hold(answer) {
      held = answer
      wake()
    },
    onMarker(listener) {
      marked = listener
    },
    keyPartitions: () => spread,
    async close() {
      closed = true
      core.listeners.delete(wake)
      wake()
    },
  }
}

/** Reads ahead: a cursor is used up after one pass, so the records are kept. */
async function preparedBatch(
  { split, batch }: FoundBatch,
  prepare: (each: EachRecord) => Promise<void>,
  { repartition = false }: Pick<EmbeddedReaderOptions<never>, 'repartition'>,
): Promise<FoundBatch> {
  const records = Array.from({ length: batch.count }, batch.cursor.next)
  const first = Math.max(0, split.position - batch.offset)
  const wanted = records.slice(first, split.bound - batch.offset)
  await prepare((call) => {
    for (const { value, key, headers } of wanted) if (!(repartition && isMarker(headers))) call(value, key)
  })
  const left = records.values()
  return { split, read: 0, batch: { ...batch, cursor: { next: () => left.next().value as BatchRecord } } }
}

/** Returns a function that emits the next record, and whether the batch is finished. */
function batchEmitter<T>(
  found: FoundBatch,
  emit: Emit<T>,
  refuse: Refuse,
  marked: MarkerListener,
  { value, key = nullableBytes, source, repartition = false, keyed = false }: EmbeddedReaderOptions<T>,
  partitions: number,
): readonly [through: () => boolean, record: () => void] {
  const { split, batch } = found
  const place = split.split
  const end = Math.min(batch.offset + batch.count, split.bound)
  const next = (): number => batch.offset + found.read
  const record = (): void => {
    const offset = next()
    const record = batch.cursor.next()
    found.read += 1
    if (offset < split.position) return
    if (repartition && isMarker(record.headers)) {
      marked(place, markerIn(record.headers, place, offset))
      split.position = offset + 1
      return
    }
    if (keyed) checkPlace(source, partitions, place, offset, record.key)
    let decoded: T
    let decodedKey: unknown
    try {
      decoded = value.decode(record.value)
      decodedKey = key.decode(record.key)
    } catch (thrown) {
      const { value: bytes, timestamp, key: keyBytes, headers } = record
      const error = undecodable(source, place, offset, thrown)
      if (!error.badRecord) throw error
      refuse(streamRecord(bytes, timestamp, keyBytes, headers, place, offset), error)
      split.position = offset + 1
      return
    }
    emit(decoded, record.timestamp, decodedKey, record.headers, place, offset)
    // Advanced record by record: if a record is refused downstream, the position points at it.
    split.position = offset + 1
  }
  return [() => next() >= end, record]
}

const unlimited = (): number => Infinity

/** Keys pass unchanged, unless there is a serde. */
const nullableBytes = nullable(bytes)
