/**
 * What one sink has on its way, by checkpoint: a batch counts from its first record until it is
 * acked, or refused.
 */
import type { CheckpointId } from '../../record.ts'
import type { RefusedRecord } from './salvage.ts'

export interface SinkShare {
  /** How many batches are on their way, by checkpoint; none has an entry of 0. */
  readonly batches: Map<CheckpointId, number>
  /** Who wants to know, in order. */
  readonly waiting: { readonly checkpoint: CheckpointId; readonly then: () => void }[]
  /** Whatever belongs to this checkpoint, or one before it, lingers no more. */
  pushed: CheckpointId
  /**
   * Called for each record that the broker refuses, in the order in which that is known, and before
   * anybody hears that it is.
   */
  readonly onRefused: (record: RefusedRecord, checkpoint: CheckpointId) => void
}

export function sinkShare(onRefused: SinkShare['onRefused'] = endsAttempt): SinkShare {
  return { batches: new Map(), waiting: [], pushed: -1, onRefused }
}

/** What becomes of a refused record where nobody takes care of it. */
export function endsAttempt({ error }: RefusedRecord, _: number): void {
  throw error
}

export function isSettled({ batches }: SinkShare, checkpoint: CheckpointId): boolean {
  for (const underway of batches.keys()) if (underway <= checkpoint) return false
  return true
}

/** One more batch is on its way. */
export function unsettled({ batches }: SinkShare, checkpoint: CheckpointId): void {
  batches.set(checkpoint, (batches.get(checkpoint) ?? 0) + 1)
}

/** One less. */
export function settled(of: SinkShare, checkpoint: CheckpointId): void {
  const left = (of.batches.get(checkpoint) ?? 1) - 1
  if (left > 0) of.batches.set(checkpoint, left)
  else of.batches.delete(checkpoint)
  tell(of)
}

/** Calls back once all up to this checkpoint is settled; at once where it is. */
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
