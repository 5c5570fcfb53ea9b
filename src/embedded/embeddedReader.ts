/**
 * Reads the partitions of an embedded source for one attempt: batch by batch, partitions in turn.
 */
import type { AttemptContext } from '../attempt.ts'
import type { MarkerListener, RepartitionReader } from '../contracts/repartition.ts'
import { ofShard } from '../contracts/source.ts'
import type { TopicSourceOptions } from '../contracts/topicSourceOptions.ts'
import { type Deferred, deferred } from '../deferred.ts'
import type { OperatorId, Split } from '../record.ts'
import { preparation } from '../serde/preparation.ts'
import { openSerdes, type WithSerdes } from '../serde/recordSerdes.ts'
import { keySpread, partitionsGrew } from '../sinks/keyedTopics.ts'
import { offsetsAt, partitionsOf, resumable, splitOffset } from './embeddedOffsets.ts'
import { batchEmitter, type FoundBatch, preparedBatch, type ReadSplit } from './foundBatch.ts'
import type { LogCore, Topic } from './logCore.ts'

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

const unlimited = (): number => Infinity
