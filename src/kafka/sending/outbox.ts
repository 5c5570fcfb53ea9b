/**
 * Records on their way to the brokers: in batches, batches in lanes, one round of sends at a time.
 *
 *     lane a0:  [n n n] [n n] [n+1 ...       one sink, one partition; a batch is of one checkpoint
 *     lane a1:  [n n n n n] [n+1 ...
 *     round:      ^ at most one batch per partition, all of one checkpoint, until all are acked
 *
 * So nothing in flight can be reordered, and no record of checkpoint n + 1 is sent before all of n
 * is acked. Records that come during a round wait for the next one: batches grow under load, and
 * `linger` makes them larger still. The rest of a batch that the broker refuses for its content
 * (salvage.ts) returns to the head of its lane.
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
import { addOrigin, newOrigins, type Origin } from './origins.ts'
import { type BatchContent, salvage, type Verdict } from './salvage.ts'
import { isSettled, type SinkShare, settle, settled, sinkShare, unsettled } from './shares.ts'

export interface Lane {
  /**
   * Appends one record to the current batch.
   * @param credits how many it holds, given back when it is acked or refused
   * @param origin where it was read. Not as two arguments: V8 would make an object of the offset,
   *   for each record.
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

/** A batch that the broker has refused for what is in it, and of which nothing is in the log. */
export interface RefusedBatch extends Verdict {
  readonly batch: Pick<OutgoingBatch, 'builder'>
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
  lane(topic: string, partition: number, limits: BatchLimits, checkpoint: () => CheckpointId, share?: SinkShare): Lane
  /**
   * Sends all that a sink has appended up to this checkpoint, and calls back, in the order of the
   * calls, once each of its records is acked or refused; at once if there are none.
   */
  settle(share: SinkShare, checkpoint: CheckpointId, then: () => void): void
  /** Resolves when all records of `checkpoint` are acked; none may be appended after this call. */
  flush(checkpoint: CheckpointId): Promise<void>
}

export interface OutboxParts {
  readonly credits: Credits
  readonly clock: Clock
  /** Aborted at the end of the attempt: nothing is sent any more. */
  readonly signal: AbortSignal
  /** Resolves when the transaction of `checkpoint` may be written to. */
  ready(checkpoint: CheckpointId): Promise<void>
  /** Resolves when every batch is acked, or refused for what is in it, with the latter. */
  send(checkpoint: CheckpointId, batches: readonly OutgoingBatch[]): Promise<readonly RefusedBatch[]>
  fail(error: unknown): void
}

/** Approximate bytes of a round; brokers take far more (socket.request.max.bytes, 100 MiB). */
const roundBytes = 16 * 1024 * 1024

/** Bytes kept for later batches: the most in flight, with 160-byte records and default options. */
const spareBytes = 8 * 1024 * 1024

/** The batches of one sink and one partition. */
interface Queue {
  readonly topic: string
  readonly partition: number
  readonly limits: BatchLimits
  /** As of the limits, or less, where the broker has refused a batch for its size. */
  batchBytes: number
  /**
   * Size of a record that was refused, bytes, and how long that counts, ms of the monotonic clock.
   */
  tooLarge: { readonly bytes: number; readonly until: number }
  readonly share: SinkShare
  readonly batches: Batch[]
}

interface Batch extends OutgoingBatch, BatchContent {
  readonly queue: Queue
  readonly limit: number
  /** From when on it is sent even if it is not full, ms of the monotonic clock. */
  readonly due: number
  /** What its records hold. */
  credits: number
}

export function outbox(parts: OutboxParts): Outbox {
  const queues: Queue[] = []
  const buffers = spareBuffers(spareBytes)
  const flushes = new Map<CheckpointId, Deferred<void>>()
  let current: CheckpointId = 1
  let pumping = false
  let timer: unknown

  /** Wakes the pump after an append or a flush, after the linger, or when a source waits. */
  function wake(): void {
    if (pumping) return
    pumping = true
    // Not at once: the source is still emitting synchronously, and batches should hold all of it.
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
      // Stays "pumping": after a failed send nothing more may leave.
      parts.fail(error)
    }
  }

  async function sendRound(batches: readonly Batch[]): Promise<void> {
    await Promise.all([parts.ready(current), ...batches.map(({ builder }) => builder.pack())])
    const refused = await parts.send(current, batches)
    for (const verdict of refused)
      replace(
        batches.find(({ builder }) => builder === verdict.batch.builder),
        verdict,
      )
    parts.credits.give(batches.reduce((sum, { credits }) => sum + credits, 0))
    // Not earlier: until all is acked, a batch may be sent again. A failure never gets here.
    for (const { builder } of batches) buffers.keep(builder.buffer)
    for (const { queue, checkpoint } of batches) settled(queue.share, checkpoint)
  }

  /** What is left of it is sent next, in its place. */
  function replace(batch: Batch | undefined, verdict: Verdict): void {
    if (batch === undefined) throw verdict.error
    const { queue, checkpoint } = batch
    const { refused, left } = salvage(
      batch,
      verdict,
      () => newBatch(queue, checkpoint),
      tooLargeFor(queue, batch, verdict),
    )
    // Given back with the last part: refused records hold only a small share of it.
    const holds = left.at(-1)
    if (holds !== undefined) [holds.credits, batch.credits] = [batch.credits, 0]
    queue.batches.unshift(...left)
    for (const record of refused) queue.share.onRefused(record, checkpoint)
  }

  /**
   * Largest size that is not refused, bytes: later batches are smaller, and records as large as a
   * refused one are not tried.
   */
  function tooLargeFor(queue: Queue, { builder }: Batch, { records }: Verdict): number {
    if (records.size > 0) return Infinity
    const now = parts.clock.monotonic()
    const known = queue.tooLarge.until > now ? queue.tooLarge.bytes : Infinity
    queue.batchBytes = Math.max(smallest, Math.min(queue.batchBytes, builder.bytes >> 1))
    if (builder.count > 1 || queue.limits.compression !== 'none') return known
    queue.tooLarge = { bytes: Math.min(known, builder.bytes), until: now + remembered }
    return queue.tooLarge.bytes
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

  /** Nothing is left to send: the checkpoint is complete, or the next record is awaited. */
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
      const queue: Queue = {
        topic,
        partition,
        limits,
        batchBytes: limits.batchBytes,
        tooLarge: unknown,
        share,
        batches,
      }
      queues.push(queue)
      return {
        append(timestamp, key, value, headers, credits, origin) {
          const checkpoint = checkpointOf()
          let batch = batches[batches.length - 1]
          if (batch === undefined || batch.checkpoint !== checkpoint || !batch.builder.fits(key, value, headers)) {
            // It is complete: while it waits for its turn it can be compressed.
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
    const { topic, partition, batchBytes, limits, share } = queue
    const { linger, compression } = limits
    const due = linger === 0 ? 0 : parts.clock.monotonic() + linger
    const builder = createBatchBuilder({ compression, limit: batchBytes, buffer: buffers.take() })
    const origins = newOrigins()
    unsettled(share, checkpoint)
    return { queue, topic, partition, checkpoint, builder, origins, limit: batchBytes, due, credits: 0 }
  }
}

/** Time after which a record that was too large is tried again, ms: limits may be raised. */
const remembered = 5_000
const unknown = { bytes: Infinity, until: 0 }

/** Smallest batch after a refusal, bytes: a topic that takes less takes next to nothing. */
const smallest = 1_024
