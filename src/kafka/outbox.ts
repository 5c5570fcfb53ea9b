/**
 * What is on its way to the brokers: records in batches, batches in lanes, one round of sends at a time.
 *
 *   lane a0:  [n n n] [n n] [n+1 ...       a lane belongs to one sink and one partition; a batch to one checkpoint
 *   lane a1:  [n n n n n] [n+1 ...
 *   round:      ^ at most one batch a partition, all of one checkpoint; the next round starts when all of it is acked
 *
 * So nothing in flight can be reordered, and no record of checkpoint n + 1 is sent before all of n is acked. While a round is in
 * flight records pile up for the next one: batches grow by themselves under load, and `linger` is only needed to make them larger.
 */
import type { Clock, Credits, Header } from '../element.ts'
import { type Deferred, deferred } from '../deferred.ts'
import { type BatchBuilder, createBatchBuilder } from './batch/batchBuilder.ts'
import type { Compression } from './batch/compression.ts'

export interface Lane {
  readonly topic: string
  readonly partition: number
  /** Appends one record to the batch of `checkpoint`. Checkpoints of a lane only rise. */
  append(
    checkpoint: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
  ): void
}

export interface OutgoingBatch {
  readonly topic: string
  readonly partition: number
  readonly checkpoint: number
  readonly builder: BatchBuilder
}

export interface BatchLimits {
  /** A batch is closed when it reaches this size, bytes before compression. */
  readonly batchBytes: number
  readonly compression: Compression
}

export interface Outbox {
  lane(topic: string, partition: number, limits: BatchLimits): Lane
  /** Resolves when everything of `checkpoint` is acked. Nothing of it may be appended after this call. */
  flush(checkpoint: number): Promise<void>
}

export interface OutboxParts {
  readonly first: number
  /** How long to wait for more records before a batch that is not full is sent, ms. */
  readonly linger: number
  readonly credits: Credits
  readonly clock: Clock
  /** Resolves when the transaction of `checkpoint` may be written to. */
  ready(checkpoint: number): Promise<void>
  /** Resolves when every batch is acked. */
  send(checkpoint: number, batches: readonly OutgoingBatch[]): Promise<void>
  fail(error: unknown): void
}

interface Batch extends OutgoingBatch {
  readonly limit: number
}

export function outbox(parts: OutboxParts): Outbox {
  const lanes: Batch[][] = []
  const flushes = new Map<number, Deferred<void>>()
  let current = parts.first
  let pumping = false
  let overdue = false
  let lingering: unknown

  /** There is something to do: after an append, a flush, or when records have lingered long enough. */
  function wake(): void {
    if (pumping) return
    pumping = true
    // Not at once: the source is still emitting, synchronously, and the batches shall hold all of it.
    queueMicrotask(pump)
  }

  async function pump(): Promise<void> {
    try {
      for (;;) {
        const batches = takeRound()
        if (batches.length > 0) await sendRound(batches)
        else if (!advance()) break
      }
      pumping = false
    } catch (error) {
      // Stays "pumping": after a failed send nothing more may leave.
      parts.fail(error)
    }
  }

  async function sendRound(batches: readonly OutgoingBatch[]): Promise<void> {
    await parts.ready(current)
    await parts.send(current, batches)
    for (const { builder } of batches) parts.credits.give(builder.count)
  }

  function takeRound(): OutgoingBatch[] {
    const all = parts.linger === 0 || overdue || flushes.has(current)
    const taken = new Map<string, OutgoingBatch>()
    for (const lane of lanes) {
      const head = lane[0]
      if (head === undefined || head.checkpoint !== current) continue
      const place = `${head.topic}/${head.partition}`
      if (taken.has(place) || !(all || lane.length > 1 || head.builder.bytes >= head.limit)) continue
      taken.set(place, head)
      lane.shift()
    }
    return [...taken.values()]
  }

  /** Nothing is left to send now: either this checkpoint is complete, or there is nothing to do until the next record. */
  function advance(): boolean {
    const flush = flushes.get(current)
    if (flush !== undefined) {
      flushes.delete(current)
      current += 1
      flush.resolve()
      return true
    }
    overdue = false
    const waiting = lanes.some((lane) => lane[0]?.checkpoint === current)
    if (waiting) lingering ??= parts.clock.setTimeout(lingered, parts.linger)
    return false
  }

  function lingered(): void {
    lingering = undefined
    overdue = true
    wake()
  }

  return {
    lane(topic, partition, { batchBytes, compression }) {
      const lane: Batch[] = []
      lanes.push(lane)
      let last: Batch | undefined
      return {
        topic,
        partition,
        append(checkpoint, timestamp, key, value, headers) {
          if (last === undefined || lane.length === 0 || last.checkpoint !== checkpoint || last.builder.bytes >= batchBytes) {
            last = { topic, partition, checkpoint, limit: batchBytes, builder: createBatchBuilder({ compression }) }
            lane.push(last)
          }
          last.builder.append(timestamp, key, value, headers)
          wake()
        },
      }
    },
    flush(checkpoint) {
      const flushed = deferred()
      flushes.set(checkpoint, flushed)
      wake()
      return flushed.promise
    },
  }
}
