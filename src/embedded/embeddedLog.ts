/**
 * Several processes of one machine may have the log open, append and read at the same time. Each
 * checkpoint of a job that writes to it is one transaction, with the output, the source offsets and
 * the decision. Nothing is ever removed from a topic. One process at a time is in a transaction,
 * for some milliseconds; if it is stopped there (SIGSTOP, not killed), the others wait for it.
 */
import { Buffer } from 'node:buffer'
import { FatalError } from '../errors.ts'
import type { Header } from '../record.ts'
import { type Batch, batcher } from './batcher.ts'
import { checkedTopic, existing } from './checkedTopic.ts'
import { type LogCore, logCore, type Topic } from './logCore.ts'

/** Record to append. */
export interface NewRecord {
  /** Value: strings become UTF-8, null is a tombstone. */
  readonly value: Uint8Array | string | null
  /** Key: strings become UTF-8. Default: null, no key. */
  readonly key?: Uint8Array | string | null | undefined
  /** Number of the partition. Default 0. */
  readonly partition?: number | undefined
  /** Event time, ms since the epoch. Default: now. */
  readonly timestamp?: number | undefined
  /** Headers. Default: none. */
  readonly headers?: readonly Header[] | undefined
}

/** Record as stored in the log. */
export interface LogRecord {
  /** Offset within its partition. */
  readonly offset: number
  /** Event time, ms since the epoch. */
  readonly timestamp: number
  /** Bytes of the key; null if there is none. */
  readonly key: Buffer | null
  /** Bytes of the value; null for a tombstone. */
  readonly value: Buffer | null
  /** Headers, in order. */
  readonly headers: readonly Header[]
}

/** Topics with partitions in one crash-safe file, opened by `embeddedLog`. */
export interface EmbeddedLog {
  /** Path of the file. */
  readonly file: string
  /**
   * Creates a topic, durably. Does nothing if it exists with as many partitions.
   *
   * @throws BAD_OPTION if the name or the number of partitions is not allowed
   * @throws TOPIC_EXISTS if it has another number of partitions
   */
  createTopic(
    name: string,
    options: {
      /** Number of partitions, 1 to 10,000; it cannot change. */
      readonly partitions: number
    },
  ): void
  /** Lists the topics. */
  topics(): readonly { readonly name: string; readonly partitions: number }[]
  /**
   * Appends all of the records, in order, or none. They are durable when the promise resolves.
   *
   * @throws TOPIC_MISSING if there is no such topic
   * @throws NO_SUCH_PARTITION if a record names a partition that the topic lacks
   * @throws RECORD_NOT_WRITABLE if a record cannot be stored
   * @throws LOG_NOT_WRITTEN (Retriable) if the disk is full or fails
   */
  append(topic: string, records: readonly NewRecord[]): Promise<void>
  /**
   * Iterates over the committed records of a partition, from an offset to the end of the partition.
   */
  read(topic: string, partition: number, from?: number): Iterable<LogRecord>
  /** Returns the offset that the next record of the partition will get. */
  end(topic: string, partition: number): number
  /** Closes the file. Jobs that use the log fail from then on. */
  close(): Promise<void>
  /** Closes the log at the end of a block that holds it as `await using log = embeddedLog(...)`. */
  [Symbol.asyncDispose](): Promise<void>
}

const cores = new WeakMap<EmbeddedLog, LogCore>()

/**
 * Opens a log of topics in one crash-safe LMDB file, for jobs without a broker.
 *
 *     const log = embeddedLog('./data/log')
 *     log.createTopic('lines', { partitions: 4 })
 *     await log.append('lines', [{ key: 'a', value: 'hello' }])
 *     for (const { offset, value } of log.read('lines', 0)) ...
 *
 * Missing files and folders are created. Several processes of one machine may use the log at the
 * same time. The file belongs on a local disk: LMDB does not work over a network file system.
 *
 * @throws LMDB_UNAVAILABLE if the package lmdb is not installed
 * @throws LOG_NOT_OPENED if the file cannot be opened
 * @throws LOG_DAMAGED if the file is not a log, or damaged
 * @throws LOG_NEWER if a newer version of rxweft wrote the file
 */
export function embeddedLog(file: string): EmbeddedLog {
  const core = logCore(file)
  const topicNow = (name: string): Topic => {
    core.file.refresh()
    return core.topic(name)
  }
  const log: EmbeddedLog = {
    file: core.file.path,
    createTopic: (name, options) => core.createTopic(...checkedTopic(name, options)),
    topics() {
      core.file.refresh()
      return core.topics().map(({ name, partitions }) => ({ name, partitions }))
    },
    append: async (topic, records) => append(core, topicNow(topic), records),
    read: (topic, partition, from = 0) => read(core, existing(topicNow(topic), partition), partition, from),
    end: (topic, partition) => core.end(existing(topicNow(topic), partition), partition),
    close: () => core.file.close(),
    [Symbol.asyncDispose]: () => core.file.close(),
  }
  cores.set(log, core)
  return log
}

/**
 * Core of a log, for the source, the sink and the ledger.
 *
 * @throws NOT_A_LOG if `embeddedLog` did not make the argument
 */
export function coreOf(log: EmbeddedLog): LogCore {
  const core = cores.get(log)
  if (core !== undefined) return core
  throw new FatalError('NOT_A_LOG', 'the first argument of the source or sink is not an embedded log', {
    hint: 'Pass the object that embeddedLog(file) returned, not a copy of it',
  })
}

function append(core: LogCore, topic: Topic, records: readonly NewRecord[]): void {
  const into = batcher()
  for (const { value, key = null, timestamp = Date.now(), headers = [], partition = 0 } of records) {
    into.add(existing(topic, partition), partition, timestamp, bytesOf(key), bytesOf(value), headers)
  }
  const batches = into.take()
  core.file.transact(() => write(core, batches))
  core.changed()
}

function write(core: LogCore, batches: readonly Batch[]): void {
  for (const { topic, partition, count, bytes } of batches) core.place(topic, partition, core.store(bytes), count)
}

function* read(core: LogCore, topic: Topic, partition: number, from: number): Generator<LogRecord> {
  core.file.refresh()
  for (
    let next = from, batch = core.find(topic, partition, next);
    batch !== null;
    batch = core.find(topic, partition, next)
  ) {
    const end = batch.offset + batch.count
    for (let offset = batch.offset; offset < end; offset++) {
      const record = batch.cursor.next()
      if (offset >= from) yield { offset, ...record }
    }
    next = end
  }
}

function bytesOf(value: Uint8Array | string | null): Uint8Array | null {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : value
}
