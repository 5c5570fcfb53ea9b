/** The core of an EmbeddedLog: topics, batches in partitions, and listeners for new ones. */
import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { FatalError } from '../errors.ts'
import { type BatchCursor, batchCursor } from './batchCursor.ts'
import { notALog } from './checkMagic.ts'
import { type LmdbFile, lmdbFile } from './lmdbFile.ts'
import { type Tables, type TopicRow, tables } from './tables.ts'

export interface Topic extends TopicRow {
  readonly name: string
}

/** A committed batch and its place in a partition. */
export interface PlacedBatch {
  /** Offset of its first record. */
  readonly offset: number
  readonly count: number
  /** Size, bytes. */
  readonly bytes: number
  /** Reads its records from the first one. Throws Corrupted LOG_DAMAGED. */
  readonly cursor: BatchCursor
}

export interface LogCore {
  readonly file: LmdbFile
  readonly tables: Tables
  topics(): readonly Topic[]
  /** Throws Fatal TOPIC_MISSING. */
  topic(name: string): Topic
  /** Throws Fatal TOPIC_EXISTS if it has another number of partitions. */
  createTopic(name: string, partitions: number): void
  /** Offset of the partition's next record. */
  end(topic: Topic, partition: number): number
  /** The batch with this offset; null if the partition ends before it. */
  find(topic: Topic, partition: number, offset: number): PlacedBatch | null
  /** Within a transaction: stores a batch invisibly, without a place. Returns its number. */
  store(bytes: Buffer): number
  /** Within a transaction: places a stored batch at the end of the partition. */
  place(topic: Topic, partition: number, batch: number, count: number): void
  /** Waiting readers in this process; readers in other processes must poll. */
  readonly listeners: Set<() => void>
  changed(): void
}

/** Throws errors of lmdbFile and tables. */
export function logCore(path: string): LogCore {
  const file = lmdbFile(path)
  const rows = tables(file)
  const listeners = new Set<() => void>()

  const lastPlace = ({ number }: Topic, partition: number, offset: number) =>
    rows.places.below([number, partition, offset], [number, partition])

  const core: LogCore = {
    file,
    tables: rows,
    listeners,
    topics: () => rows.topics.range([''], ['\uffff']).map(({ key, value }) => ({ ...value, name: String(key[0]) })),
    topic(name) {
      const row = rows.topics.get([name])
      if (row === undefined) throw topicMissing(file.path, name, core.topics())
      return { ...row, name }
    },
    createTopic(name, partitions) {
      file.transact(() => {
        const found = rows.topics.get([name])
        if (found !== undefined && found.partitions !== partitions) throw topicExists(file.path, name, found.partitions)
        if (found === undefined) rows.topics.put([name], { id: randomUUID(), number: rows.count('topics'), partitions })
      })
    },
    end(topic, partition) {
      const last = lastPlace(topic, partition, Number.MAX_SAFE_INTEGER)
      return last === undefined ? 0 : Number(last.key[2]) + last.value[1]
    },
    find(topic, partition, offset) {
      const found = lastPlace(topic, partition, offset)
      if (found === undefined) return null
      const [start, [batch, count]] = [Number(found.key[2]), found.value]
      if (offset >= start + count) return null
      const bytes = rows.batches.get([batch])
      const damaged = () => notALog(file.path, `lacks batch ${batch} of topic ${topic.name}, or part of it`)
      if (bytes === undefined) throw damaged()
      const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      return { offset: start, count, bytes: all.length, cursor: batchCursor(all, damaged) }
    },
    store(bytes) {
      const batch = rows.count('batches')
      rows.batches.put([batch], bytes)
      return batch
    },
    place(topic, partition, batch, count) {
      rows.places.put([topic.number, partition, core.end(topic, partition)], [batch, count])
    },
    changed() {
      for (const listener of listeners) listener()
    },
  }
  return core
}

function topicMissing(file: string, topic: string, there: readonly Topic[]): FatalError {
  const names = there.map(({ name }) => name).join(', ')
  return new FatalError(
    'TOPIC_MISSING',
    `the embedded log does not have this topic; its topics are: ${names || 'none'}`,
    {
      where: { topic, file },
      hint: 'Create it with log.createTopic(name, { partitions }), or correct its name',
    },
  )
}

function topicExists(file: string, topic: string, partitions: number): FatalError {
  return new FatalError('TOPIC_EXISTS', `the topic exists with ${partitions} partitions`, {
    where: { topic, file },
    hint: 'The number of partitions cannot change: use the same number, or another name',
  })
}
