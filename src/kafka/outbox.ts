/**
 * What is on its way to the brokers: records in batches, batches in lanes, one round of sends at a time.
 *
 *   lane a0:  [n n n] [n n] [n+1 ...       a lane belongs to one sink and one partition; a batch to one checkpoint
 *   lane a1:  [n n n n n] [n+1 ...
 *   round:      ^ at most one batch a partition, all of one checkpoint; the next round starts when all of it is acked
 *
 * So nothing in flight can be reordered, and no record of checkpoint n + 1 is sent before all of n is acked. While a round is in
 * flight records pile up for the next one: batches grow by themselves under load, and `linger` only makes them larger still.
 */
import { onAbort } from '../clock.ts'
import { type Deferred, deferred } from '../deferred.ts'
import type { CheckpointId, Clock, Credits, Header } from '../element.ts'
import { type BatchBuilder, createBatchBuilder } from './batch/batchBuilder.ts'
import type { Compression } from './batch/compression.ts'
import type { Encoded } from './batch/recordOutput.ts'
import { spareBuffers } from './batch/spareBuffers.ts'

export interface Lane {
  /** Appends one record to the current batch. `credits`: how many it holds, given back when it is acked. */
  append(timestamp: number, key: Encoded, value: Encoded, headers: readonly Header[], credits: number): void
}

export interface OutgoingBatch {
  readonly topic: string
  readonly partition: number
  readonly checkpoint: CheckpointId
  readonly builder: BatchBuilder
}

export interface BatchLimits {
  /** How long a batch that is not full waits for more records, ms. */
  readonly linger: number
  /** A batch is closed when it reaches this size, bytes before compression. */
  readonly batchBytes: number
  readonly compression: Compression
}

export interface Outbox {
  /** Says which checkpoint the first record belongs to. */
  begin(checkpoint: CheckpointId): void
  /** `checkpoint` says, at each append, which one the record belongs to; it only rises. */
  lane(topic: string, partition: number, limits: BatchLimits, checkpoint: () => CheckpointId): Lane
  /** Resolves when everything of `checkpoint` is acked. Nothing of it may be appended after this call. */
  flush(checkpoint: CheckpointId): Promise<void>
}

export interface OutboxParts {
  readonly credits: Credits
  readonly clock: Clock
  /** Aborted at the end of the attempt: nothing is sent any more. */
  readonly signal: AbortSignal
  /** Resolves when the transaction of `checkpoint` may be written to. */
  ready(checkpoint: CheckpointId): Promise<void>
  /** Resolves when every batch is acked. */
  send(checkpoint: CheckpointId, batches: readonly OutgoingBatch[]): Promise<unknown>
  fail(error: unknown): void
}

/** Bytes in one round, roughly: well below what brokers take in one request (socket.request.max.bytes, 100 MiB). */
const roundBytes = 16 * 1024 * 1024

/** Bytes that are kept for the next batches: as many as are in flight at most, with the default `maxInFlight` and records of 160 bytes. */
const spareBytes = 8 * 1024 * 1024

interface Batch extends OutgoingBatch {
  readonly limit: number
  /** From when on it is sent even if it is not full, ms of the monotonic clock. */
  readonly due: number
  /** What its records hold. */
  credits: number
}

export function outbox(parts: OutboxParts): Outbox {
  const lanes: Batch[][] = []
  const buffers = spareBuffers(spareBytes)
  const flushes = new Map<CheckpointId, Deferred<void>>()
  let current: CheckpointId = 1
  let pumping = false
  let timer: unknown

  /** There is something to do: after an append or a flush, when records have lingered long enough, or a source waits for them. */
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

  async function sendRound(batches: readonly Batch[]): Promise<void> {
    await Promise.all([parts.ready(current), ...batches.map(({ builder }) => builder.pack())])
    await parts.send(current, batches)
    parts.credits.give(batches.reduce((sum, { credits }) => sum + credits, 0))
    // Not before: until all is acked it may have to be sent again. After a failure nothing gets here.
    for (const { builder } of batches) buffers.keep(builder.buffer)
  }

  function takeRound(): Batch[] {
    const flushing = flushes.has(current) || parts.credits.starved
    const now = parts.clock.monotonic()
    const taken = new Map<string, Batch>()
    let room = roundBytes
    for (const lane of lanes) {
      const head = lane[0]
      if (head === undefined || head.checkpoint !== current || room <= 0) continue
      const place = `${head.topic}/${head.partition}`
      const complete = lane.length > 1 || head.builder.bytes >= head.limit || head.due <= now
      if (taken.has(place) || !(flushing || complete)) continue
      taken.set(place, head)
      room -= head.builder.bytes
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
    const waiting = lanes.flatMap((lane) => (lane[0]?.checkpoint === current ? [lane[0].due] : []))
    parts.clock.clearTimeout(timer)
    if (waiting.length > 0)
      timer = parts.clock.setTimeout(wake, Math.max(0, Math.min(...waiting) - parts.clock.monotonic()))
    return false
  }

  parts.credits.onStarved(wake)
  onAbort(parts.signal, () => {
    pumping = true
    parts.clock.clearTimeout(timer)
  })

  return {
    begin(checkpoint) {
      current = checkpoint
    },
    lane(topic, partition, limits, checkpointOf) {
      const lane: Batch[] = []
      lanes.push(lane)
      return {
        append(timestamp, key, value, headers, credits) {
          const checkpoint = checkpointOf()
          let batch = lane[lane.length - 1]
          if (batch === undefined || batch.checkpoint !== checkpoint || !batch.builder.fits(key, value, headers)) {
            // It is complete: while it waits for its turn it can be compressed.
            batch?.builder.pack()?.catch(() => undefined)
            batch = newBatch(topic, partition, checkpoint, limits)
            lane.push(batch)
          }
          batch.builder.append(timestamp, key, value, headers)
          batch.credits += credits
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

  function newBatch(topic: string, partition: number, checkpoint: CheckpointId, limits: BatchLimits): Batch {
    const { batchBytes, linger, compression } = limits
    const due = linger === 0 ? 0 : parts.clock.monotonic() + linger
    const builder = createBatchBuilder({ compression, limit: batchBytes, buffer: buffers.take() })
    return { topic, partition, checkpoint, builder, limit: batchBytes, due, credits: 0 }
  }
}
