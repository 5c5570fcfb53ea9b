/**
 * The embedded log: topics with partitions in one crash-safe LMDB file, for jobs that need no broker. Several processes of one machine
 * may have it open, append and read at the same time; of the jobs that write to it each checkpoint is one transaction, which holds
 * the output, the source offsets and the decision.
 *
 *   const log = embeddedLog('./data/log')
 *   log.createTopic('lines', { partitions: 4 })
 *   await log.append('lines', [{ key: 'a', value: 'hello' }])
 *   for (const { offset, value } of log.read('lines', 0)) ...
 *
 * Nothing is ever removed from a topic. The file belongs on a local disk: LMDB does not work over a network file system. One process at a
 * time is in a transaction, for some milliseconds; if it is stopped there (SIGSTOP, not killed), the others wait for it.
 */
import { Buffer } from 'node:buffer'
import { FatalError } from '../errors.ts'
import type { Header } from '../record.ts'
import { type Batch, batcher } from './batcher.ts'
import { checkedTopic, existing } from './checkedTopic.ts'
import { type LogCore, logCore, type Topic } from './logCore.ts'

/** A record to append. */
export interface NewRecord {
  /** Strings become UTF-8; null: a tombstone. */
  readonly value: Uint8Array | string | null
  /** Default: null, none. */
  readonly key?: Uint8Array | string | null | undefined
  /** Default: 0. */
  readonly partition?: number | undefined
  /** Event time, ms since the epoch; default: now. */
  readonly timestamp?: number | undefined
  readonly headers?: readonly Header[] | undefined
}

/** A record as it lies in the log. */
export interface LogRecord {
  readonly offset: number
  /** ms since the epoch */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
}

export interface EmbeddedLog {
  readonly file: string
  /**
   * Does nothing where there is one with as many partitions. Throws Fatal BAD_TOPIC, or TOPIC_EXISTS where it has another number.
   * The topic is durable when this returns.
   */
  createTopic(name: string, options: { readonly partitions: number }): void
  topics(): readonly { readonly name: string; readonly partitions: number }[]
  /**
   * Appends all of the records or none, in order. They are durable when it resolves. Rejects with Fatal TOPIC_MISSING, NO_SUCH_PARTITION
   * or RECORD_NOT_WRITABLE, Retriable LOG_NOT_WRITTEN.
   */
  append(topic: string, records: readonly NewRecord[]): Promise<void>
  /** The committed records of a partition from an offset on, up to those that are there when it gets to the end. */
  read(topic: string, partition: number, from?: number): Iterable<LogRecord>
  /** The offset that the next record of the partition will get. */
  end(topic: string, partition: number): number
  /** Jobs that use it fail from now on. */
  close(): Promise<void>
}

const cores = new WeakMap<EmbeddedLog, LogCore>()

/**
 * Opens the log, or makes it where there is no file; missing folders are made.
 * Throws Fatal LOG_NOT_OPENED, Corrupted LOG_DAMAGED or LOG_NEWER.
 */
export function embeddedLog(file: string): EmbeddedLog {
  const core = logCore(file)
  const topicNow = (name: string): Topic => {
    core.file.refresh()
    return core.topic(name)
  }
  const log: EmbeddedLog = {
    file: core.file.path,
    createTopic: (name, { partitions }) => core.createTopic(...checkedTopic(name, partitions)),
    topics() {
      core.file.refresh()
      return core.topics().map(({ name, partitions }) => ({ name, partitions }))
    },
    append: async (topic, records) => append(core, topicNow(topic), records),
    read: (topic, partition, from = 0) => read(core, existing(topicNow(topic), partition), partition, from),
    end: (topic, partition) => core.end(existing(topicNow(topic), partition), partition),
    close: () => core.file.close(),
  }
  cores.set(log, core)
  return log
}

/** For the source, the sink and the ledger. Throws Fatal NOT_A_LOG on anything that `embeddedLog` did not make. */
export function coreOf(log: EmbeddedLog): LogCore {
  const core = cores.get(log)
  if (core !== undefined) return core
  throw new FatalError('NOT_A_LOG', 'the source or sink was not given an embedded log', {
    hint: 'Pass what embeddedLog(file) returns, itself and not a copy',
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
