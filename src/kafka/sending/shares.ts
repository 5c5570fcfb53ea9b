/**
 * Batches of one sink in flight, counted by checkpoint. A batch counts from its first record until
 * it is acked or refused.
 */
import type { Meter } from '../../meter.ts'
import type { CheckpointId } from '../../record.ts'
import type { RefusedRecord } from './salvage.ts'

export interface SinkShare {
  /** Number of batches in flight by checkpoint; a count of 0 has no entry. */
  readonly batches: Map<CheckpointId, number>
  /** Pending callbacks, in order. */
  readonly waiting: { readonly checkpoint: CheckpointId; readonly then: () => void }[]
  /** Batches up to this checkpoint no longer linger. */
  pushed: CheckpointId
  /**
   * Called for each refused record, in the order of the refusals, and before the callbacks of
   * `settle`.
   */
  readonly onRefused: (record: RefusedRecord, checkpoint: CheckpointId) => void
  /** Counts the bytes that are written. */
  readonly meter: Meter | undefined
}

export function sinkShare(onRefused: SinkShare['onRefused'] = endsAttempt, meter?: Meter): SinkShare {
  return { batches: new Map(), waiting: [], pushed: -1, onRefused, meter }
}

/** Default for a refused record: ends the attempt. */
export function endsAttempt({ error }: RefusedRecord, _: number): void {
  throw error
}

export function isSettled({ batches }: SinkShare, checkpoint: CheckpointId): boolean {
  for (const underway of batches.keys()) if (underway <= checkpoint) return false
  return true
}

/** Counts one more batch in flight. */
export function unsettled({ batches }: SinkShare, checkpoint: CheckpointId): void {
  batches.set(checkpoint, (batches.get(checkpoint) ?? 0) + 1)
}

/** Counts one batch less. */
export function settled(of: SinkShare, checkpoint: CheckpointId): void {
  const left = (of.batches.get(checkpoint) ?? 1) - 1
  if (left > 0) of.batches.set(checkpoint, left)
  else of.batches.delete(checkpoint)
  tell(of)
}

/** Counts a batch that the broker has. */
export function written({ meter }: SinkShare, bytes: number): void {
  if (meter !== undefined) meter.bytes += bytes
}

/** Calls back once everything up to this checkpoint is settled; synchronously if it already is. */
export function settle(of: SinkShare, checkpoint: CheckpointId, then: () => void): void {
  of.pushed = Math.max(of.pushed, checkpoint)
  of.waiting.push({ checkpoint, then })
  tell(of)
}

function tell(of: SinkShare): void {
  for (let [first] = of.waiting; first !== undefined && isSettled(of, first.checkpoint); [first] = of.waiting) {
    of.waiting.shift()
    first.then()
  }
}
