/**
 * Input that a test has pushed into one source. It outlives attempts: each reads on from its
 * checkpoint, in the order of pushes, whatever the partition.
 */
import type { Header, OperatorId, Split, SplitOffset } from '../../record.ts'
import type { Named } from './named.ts'

export interface LoggedRecord {
  readonly kind: 'record'
  readonly sequence: number
  readonly value: unknown
  readonly timestamp: number
  readonly key: unknown
  readonly headers: readonly Header[]
  readonly split: Split
  readonly offset: number
}

/** Watermark set by the test. */
interface Mark {
  readonly kind: 'watermark'
  readonly sequence: number
  readonly timestamp: number
}

export type Logged = LoggedRecord | Mark

export interface SourceLog extends Named {
  ended: boolean
  /** Next offset of a partition. */
  next(topic: string, partition: number): number
  append(record: Omit<LoggedRecord, 'kind' | 'sequence'>): void
  mark(timestamp: number): void
  /** Next entry to read, apart from those of held splits. */
  peek(held: (split: Split) => boolean): Logged | undefined
  /** Moves past what `peek` has found. */
  take(logged: Logged): void
  /** All splits that there are, and how far they have been read. */
  position(): readonly SplitOffset[]
  /** The watermark that was set by hand last, among what has been read; -Infinity: none. */
  readonly marked: number
  /**
   * Returns to the position of a checkpoint. An empty log continues from there, whatever was
   * before. All watermarks are read again: those from before the checkpoint are not higher than
   * `marked`.
   */
  rewind(position: readonly SplitOffset[], marked: number): void
}

interface SplitLog {
  readonly split: Split
  /** Offset before all records here. */
  readonly first: number
  readonly records: LoggedRecord[]
  read: number
}

/** @param partitions number of partitions at the start; others exist from their first record on */
export function sourceLog(
  id: OperatorId,
  topics: readonly string[],
  partitions: number,
  nextSequence: () => number,
): SourceLog {
  const splits = new Map<string, SplitLog>()
  const marks: Mark[] = []
  let readMarks = 0
  let marked = -Infinity

  function splitLog({ topic, partition }: Split, first = 0): SplitLog {
    const name = `${topic}/${partition}`
    const found = splits.get(name) ?? { split: { topic, partition }, first, records: [], read: 0 }
    splits.set(name, found)
    return found
  }

  for (const topic of topics.length > 0 ? topics : [id]) {
    for (let partition = 0; partition < partitions; partition++) splitLog({ topic, partition })
  }

  return {
    ...{ id, topics, ended: false },
    next: (topic, partition) => after(splitLog({ topic, partition }), Infinity),
    append(record) {
      splitLog(record.split).records.push({ ...record, kind: 'record', sequence: nextSequence() })
    },
    mark: (timestamp) => void marks.push({ kind: 'watermark', sequence: nextSequence(), timestamp }),
    peek(held) {
      let next: Logged | undefined = marks[readMarks]
      for (const { split, records, read } of splits.values()) {
        const record = records[read]
        if (record && record.sequence < (next?.sequence ?? Infinity) && !held(split)) next = record
      }
      return next
    },
    take(logged) {
      if (logged.kind === 'record') splitLog(logged.split).read += 1
      else {
        readMarks += 1
        marked = Math.max(marked, logged.timestamp)
      }
    },
    position: () => [...splits.values()].map((log) => ({ ...log.split, offset: after(log, log.read) })),
    get marked() {
      return marked
    },
    rewind(position, toMarked) {
      for (const log of splits.values()) log.read = 0
      for (const { offset, ...split } of position) rewindSplit(split, offset)
      readMarks = 0
      marked = toMarked
    },
  }

  function rewindSplit(split: Split, offset: number): void {
    const name = `${split.topic}/${split.partition}`
    const known = splits.get(name)
    if (known === undefined || known.records.length === 0) splits.delete(name)
    const log = splitLog(split, offset)
    log.read = log.records.filter((record) => record.offset < offset).length
  }
}

/** Offset behind so many records of a split. */
function after({ first, records }: SplitLog, count: number): number {
  const last = records[Math.min(count, records.length) - 1]
  return last === undefined ? first : last.offset + 1
}
