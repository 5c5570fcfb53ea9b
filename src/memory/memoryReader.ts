/** Reads a memorySource for one attempt. */

import type { SourceReader } from '../contracts/source.ts'
import { type Deferred, deferred } from '../deferred.ts'
import { FatalError } from '../errors.ts'
import type { OperatorId, Split, SplitOffset } from '../record.ts'

/** Options of `memorySource`. */
export interface MemorySourceOptions<T> {
  /** Values of each partition; an empty array is an empty partition. */
  readonly partitions: readonly (readonly T[])[]
  /** Topic name that the records carry. Default 'memory'. */
  readonly topic?: string
  /** Event time of a value, ms since the epoch. Default 0. */
  readonly timestamp?: (value: T) => number
  /** Key of a value. Default: null. */
  readonly key?: (value: T) => unknown
  /** Largest number of records in flight between source and sinks. Default 10,000. */
  readonly maxInFlight?: number
  /** Keeps the source open for `push` until `end` is called. Default false. */
  readonly unbounded?: boolean
  /** Id of the source. Default: "memorySource:" and the topic. */
  readonly id?: OperatorId
}

export interface MemoryPartition<T> {
  readonly split: Split
  /** Only ever grows: the index of a value is its offset. */
  readonly values: T[]
}

type Parts<T> = Pick<MemorySourceOptions<T>, 'timestamp' | 'key'> & {
  readonly partitions: readonly MemoryPartition<T>[]
  /** Called when values were added, or the source has ended. */
  readonly changed: Set<() => void>
  readonly ended: () => boolean
}

const unlimited = (): number => Infinity

/** How many records `drain` emits at once, of one partition. */
const batch = 500

export function memoryReader<T>({ partitions, changed, ended, ...options }: Parts<T>): SourceReader<T> {
  const { timestamp = () => 0, key = () => null } = options
  const positions = partitions.map(() => 0)
  const through: Split[] = []
  let held: (split: Split) => boolean = () => false
  let waiting: Deferred<void> | null = null
  let closed = false
  /** Partition to look at first, so that partitions take turns. */
  let turn = 0

  const wake = (): void => waiting?.resolve()
  changed.add(wake)

  const part = (partition: number) => partitions[partition] as MemoryPartition<T>
  const position = (partition: number) => positions[partition] as number

  const hasMore = (partition: number) => position(partition) < part(partition).values.length

  /** First partition in turn that has more values and is not held. */
  function next(): number | undefined {
    const inTurn = partitions.map((_, step) => (turn + step) % partitions.length)
    return inTurn.find((partition) => hasMore(partition) && !held(part(partition).split))
  }

  /** True if further partitions have ended. */
  function moreThrough(): boolean {
    const before = through.length
    for (const [partition, { split }] of partitions.entries()) {
      if (ended() && !hasMore(partition) && !through.includes(split)) through.push(split)
    }
    return through.length > before
  }

  return {
    resolve: async () => partitions.map(({ split }) => ({ ...split, offset: 0 })),
    async seek(splits) {
      for (const split of splits) positions[split.partition] = checked(split, partitions[split.partition])
    },
    async poll() {
      for (;;) {
        if (closed) return 'empty'
        const more = moreThrough()
        if (next() !== undefined) return 'ready'
        if (through.length === partitions.length) return 'end'
        if (more) return 'empty'
        waiting = deferred()
        await waiting.promise
      }
    },
    drain(emit, _refuse, room = unlimited) {
      const partition = next()
      if (partition === undefined) return
      turn = partition + 1
      const { split, values } = part(partition)
      const end = Math.min(values.length, position(partition) + batch)
      for (let most = room(); most > 0 && position(partition) < end; most = room()) {
        const until = Math.min(end, position(partition) + most)
        for (let offset = position(partition); offset < until; offset++) {
          const value = values[offset] as T
          emit(value, timestamp(value), key(value), [], split, offset)
          // Advance last: if a callback throws, the position still points at the failing record.
          positions[partition] = offset + 1
        }
      }
      moreThrough()
    },
    position: () => partitions.map(({ split }, at) => ({ ...split, offset: position(at) })),
    ends: () => partitions.map(({ values }) => values.length),
    ended: through,
    hold(answer) {
      held = answer
      wake()
    },
    async close() {
      closed = true
      changed.delete(wake)
      wake()
    },
  }
}

function checked({ topic, partition, offset }: SplitOffset, found: MemoryPartition<unknown> | undefined): number {
  if (found === undefined || found.split.topic !== topic) throw partitionMissing({ topic, partition })
  if (offset <= found.values.length) return offset
  throw new FatalError(
    'OFFSET_OUT_OF_RANGE',
    `the next value to read does not exist: the partition has ${found.values.length} values`,
    {
      where: { topic, partition, offset },
      hint: 'The checkpoint belongs to a source with more values: give it the same values again, or start with an empty storage',
    },
  )
}

export function partitionMissing({ topic, partition }: Split): FatalError {
  return new FatalError('PARTITION_MISSING', 'the memory source does not have this partition', {
    where: { topic, partition },
    hint: 'Give memorySource one array for each partition in `partitions`, and the same number after a restart',
  })
}
