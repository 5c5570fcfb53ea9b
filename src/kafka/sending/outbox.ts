/**
 * Records on their way to the brokers: records in batches, batches in lanes, one round at a time.
 *
 *   lane a0:  [n n n] [n n] [n+1 ...    a lane: one sink, one partition; a batch: one checkpoint
 *   lane a1:  [n n n n n] [n+1 ...
 *   round:      ^ at most one batch per partition, all of one checkpoint; all acked before the next
 *
 * Rounds keep the order within a partition, and no record of checkpoint n + 1 is sent before all of
 * n is acked. Records that arrive during a round fill the batches of the next one: batches grow
 * with the load, and `linger` only enlarges them further. If a broker refuses a batch because of
 * its content (salvage.ts), the rest of the batch returns to the head of its lane.
 */
import type { Clock } from '../../attempt.ts'
import type { Credits } from '../../backPressure.ts'
import { onAbort } from '../../clock.ts'
import { type Deferred, deferred } from '../../deferred.ts'
import type { CheckpointId, Header } from '../../record.ts'
import { type BatchBuilder, createBatchBuilder } from '../batch/batchBuilder.ts'
import type { Compression } from '../batch/compression.ts'
import type { Encoded } from '../batch/recordOutput.ts'
import { spareBuffers } from '../batch/spareBuffers.ts'
import { type LearnedSizes, learnedSizes } from './learnedSizes.ts'
import { addOrigin, newOrigins, type Origin } from './origins.ts'
import { type BatchContent, salvage, type Verdict } from './salvage.ts'
import { isSettled, type SinkShare, settle, settled, sinkShare, unsettled, written } from './shares.ts'

export interface Lane {
  /**
   * Appends one record to the current batch.
   * @param credits credits held by the record, returned when it is acked or refused
   * @param origin its split and offset. One object: V8 would box a separate offset for each record.
   */
  append(
    timestamp: number,
    key: Encoded,
    value: Encoded,
    headers: readonly Header[],
    credits: number,
    origin: Origin,
  ): void
}

export interface OutgoingBatch {
  readonly topic: string
  readonly partition: number
  readonly checkpoint: CheckpointId
  readonly builder: BatchBuilder
}

/** A batch that the broker refused because of its content; nothing of it is in the log. */
export interface RefusedBatch extends Verdict {
  readonly batch: Pick<OutgoingBatch, 'builder'>
}

export interface BatchLimits {
  /** How long a partial batch waits for more records, ms. */
  readonly linger: number
  /** Size at which a batch is closed, bytes before compression. */
  readonly batchBytes: number
  readonly compression: Compression
}

export interface Outbox {
  /** Sets the checkpoint of the first record. */
  begin(checkpoint: CheckpointId): void
  /** @param checkpoint called at each append: the checkpoint of the record; never decreases */
  lane(topic: string, partition: number, limits: BatchLimits, checkpoint: () => CheckpointId, share?: SinkShare): Lane
  /**
   * Sends all that a sink has appended up to this checkpoint, and calls back, in call order, once
   * each record is acked or refused; synchronously if none is in flight.
   */
  settle(share: SinkShare, checkpoint: CheckpointId, then: () => void): void
  /** Resolves when all records of `checkpoint` are acked; none may be appended to it any more. */
  flush(checkpoint: CheckpointId): Promise<void>
}

export interface OutboxParts {
  readonly credits: Credits
  readonly clock: Clock
  /** Aborted at the end of the attempt: nothing is sent after that. */
  readonly signal: AbortSignal
  /** Resolves when the transaction of `checkpoint` accepts records. */
  ready(checkpoint: CheckpointId): Promise<void>
  /** Resolves, with the refused ones, when every batch is acked or refused for its content. */
  send(checkpoint: CheckpointId, batches: readonly OutgoingBatch[]): Promise<readonly RefusedBatch[]>
  fail(error: unknown): void
}

/** Approximate bytes per round; brokers accept far more (socket.request.max.bytes, 100 MiB). */
const roundBytes = 16 * 1024 * 1024

/** Bytes kept for reuse: the most in flight, with default `maxInFlight` and 160-byte records. */
const spareBytes = 8 * 1024 * 1024

/** Batches of one sink and one partition. */
interface Queue {
  readonly topic: string
  readonly partition: number
  readonly limits: BatchLimits
  readonly sizes: LearnedSizes
  readonly share: SinkShare
  readonly batches: Batch[]
}

interface Batch extends OutgoingBatch, BatchContent {
  readonly queue: Queue
  readonly limit: number
  /** Time at which even a partial batch is sent, ms of the monotonic clock. */
  readonly due: number
  /** Credits held by its records. */
  credits: number
}

export function outbox(parts: OutboxParts): Outbox {
  const queues: Queue[] = []
  const buffers = spareBuffers(spareBytes)
  const flushes = new Map<CheckpointId, Deferred<void>>()
  let current: CheckpointId = 1
  let pumping = false
  let timer: unknown

  /**
   * Starts the pump: after an append or a flush, after `linger`, or when a source needs credits.
   */
  function wake(): void {
    if (pumping) return
    pumping = true
    // Deferred: the source is still emitting synchronously, and batches should hold all of it.
    queueMicrotask(pump)
  }

  async function pump(): Promise<void> {
    try {
      while (!parts.signal.aborted) {
        const batches = takeRound()
        if (batches.length > 0) await sendRound(batches)
        else if (!advance()) break
      }
      pumping = false
    } catch (error) {
      // `pumping` stays true: after a failed send nothing more may leave.
      parts.fail(error)
    }
  }

  async function sendRound(batches: readonly Batch[]): Promise<void> {
    await Promise.all([parts.ready(current), ...batches.map(({ builder }) => builder.pack())])
    const refused = await parts.send(current, batches)
    const isRefused = (one: Batch): boolean => refused.some(({ batch }) => batch.builder === one.builder)
    for (const one of batches) if (!isRefused(one)) written(one.queue.share, one.builder.bytes)
    for (const verdict of refused)
      replace(
        batches.find(({ builder }) => builder === verdict.batch.builder),
        verdict,
      )
    parts.credits.give(batches.reduce((sum, { credits }) => sum + credits, 0))
    // Reuse last: until the whole round is acked, a buffer may have to be sent again.
    for (const { builder } of batches) buffers.keep(builder.buffer)
    for (const { queue, checkpoint } of batches) settled(queue.share, checkpoint)
  }

  /** Replaces a refused batch by its remaining records, which are sent next. */
  function replace(batch: Batch | undefined, verdict: Verdict): void {
    if (batch === undefined) throw verdict.error
    const { queue, checkpoint } = batch
    const { refused, left } = salvage(
      batch,
      verdict,
      () => newBatch(queue, checkpoint),
      verdict.records.size > 0 ? Infinity : queue.sizes.refused(batch.builder),
    )
    // Returned when the last part is acked: refused records hold a small part of the credits.
    const holds = left.at(-1)
    if (holds !== undefined) [holds.credits, batch.credits] = [batch.credits, 0]
    queue.batches.unshift(...left)
    for (const record of refused) queue.share.onRefused(record, checkpoint)
  }

  function takeRound(): Batch[] {
    const flushing = flushes.has(current) || parts.credits.starved
    const isPushed = (head: Batch): boolean => head.queue.share.pushed >= current
    const now = parts.clock.monotonic()
    const taken = new Map<string, Batch>()
    let room = roundBytes
    for (const { batches } of queues) {
      const head = batches[0]
      if (head === undefined || head.checkpoint !== current || room <= 0) continue
      const place = `${head.topic}/${head.partition}`
      const complete = batches.length > 1 || head.builder.bytes >= head.limit || head.due <= now
      if (taken.has(place) || !(flushing || complete || isPushed(head))) continue
      taken.set(place, head)
      room -= head.builder.bytes
      batches.shift()
    }
    return [...taken.values()]
  }

  /** Called with nothing to send: the checkpoint is complete, or the next record is awaited. */
  function advance(): boolean {
    const flush = flushes.get(current)
    if (flush !== undefined) {
      flushes.delete(current)
      current += 1
      flush.resolve()
      return true
    }
    const waiting = queues.flatMap(({ batches: [head] }) => (head?.checkpoint === current ? [head.due] : []))
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
    lane(topic, partition, limits, checkpointOf, share = sinkShare()) {
      const batches: Batch[] = []
      const sizes = learnedSizes(limits, parts.clock)
      const queue: Queue = { topic, partition, limits, sizes, share, batches }
      queues.push(queue)
      return {
        append(timestamp, key, value, headers, credits, origin) {
          const checkpoint = checkpointOf()
          let batch = batches[batches.length - 1]
          if (batch === undefined || batch.checkpoint !== checkpoint || !batch.builder.fits(key, value, headers)) {
            // The batch is full: compress it while it waits for its round.
            batch?.builder.pack()?.catch(() => undefined)
            batch = newBatch(queue, checkpoint)
            batches.push(batch)
          }
          addOrigin(batch.origins, origin, batch.builder.count)
          batch.builder.append(timestamp, key, value, headers)
          batch.credits += credits
          wake()
        },
      }
    },
    settle(share, checkpoint, then) {
      settle(share, checkpoint, then)
      if (!isSettled(share, checkpoint)) wake()
    },
    flush(checkpoint) {
      const flushed = deferred()
      flushes.set(checkpoint, flushed)
      wake()
      return flushed.promise
    },
  }

  function newBatch(queue: Queue, checkpoint: CheckpointId): Batch {
    const { topic, partition, sizes, limits, share } = queue
    const { batchBytes } = sizes
    const { linger, compression } = limits
    const due = linger === 0 ? 0 : parts.clock.monotonic() + linger
    const builder = createBatchBuilder({ compression, limit: batchBytes, buffer: buffers.take() })
    const origins = newOrigins()
    unsettled(share, checkpoint)
    return { queue, topic, partition, checkpoint, builder, origins, limit: batchBytes, due, credits: 0 }
  }
}
