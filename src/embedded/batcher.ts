/**
 * Collects records into batches, one open batch per partition, so that batches keep the order of
 * records within a partition.
 */
import type { Buffer } from 'node:buffer'
import type { Header } from '../record.ts'
import { batchBytes, type LogBatch, logBatch } from './logBatch.ts'
import type { Topic } from './logCore.ts'

/** A batch for the log. */
export interface Batch {
  readonly topic: Topic
  readonly partition: number
  readonly count: number
  readonly bytes: Buffer
}

export interface Batcher {
  /** Throws Fatal RECORD_NOT_WRITABLE. The partition must exist. */
  add(
    topic: Topic,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
  ): void
  /** Approximate bytes held. */
  readonly size: number
  /** Takes all batches; the batcher is empty afterwards. */
  take(): Batch[]
}

interface Lane {
  readonly topic: Topic
  readonly partition: number
  readonly builder: LogBatch
}

export function batcher(): Batcher {
  let closed: Batch[] = []
  let size = 0
  /** By topic number and partition. */
  const open = new Map<number, Map<number, Lane>>()

  function lane(topic: Topic, partition: number): Lane {
    const lanes = open.get(topic.number) ?? new Map<number, Lane>()
    const found = lanes.get(partition)
    if (found !== undefined) return found
    const made = { topic, partition, builder: logBatch() }
    open.set(topic.number, lanes.set(partition, made))
    return made
  }

  function close({ topic, partition, builder }: Lane): void {
    if (builder.count > 0) closed.push({ topic, partition, count: builder.count, bytes: builder.bytes() })
    open.get(topic.number)?.delete(partition)
  }

  return {
    add(topic, partition, timestamp, key, value, headers) {
      const into = lane(topic, partition)
      const before = into.builder.size
      into.builder.add(timestamp, key, value, headers)
      size += into.builder.size - before
      if (into.builder.size >= batchBytes) close(into)
    },
    get size() {
      return size
    },
    take() {
      for (const lanes of open.values()) for (const one of [...lanes.values()]) close(one)
      const taken = closed
      closed = []
      size = 0
      return taken
    },
  }
}
