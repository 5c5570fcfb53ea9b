/**
 * Tracks how long each split has been unreadable: first a notice, in the end the error. An error
 * that sounds final is believed only after it has kept coming for some seconds.
 */
import type { AttemptContext } from '../../attempt.ts'
import type { RxweftError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { finalPatience, longPatience } from '../nodes/passing.ts'
import { wasRefused } from '../sending/doubt.ts'

export interface PatientSplits<S> {
  /**
   * Counts a failure. Throws the error if failures have lasted too long, or the attempt is over.
   */
  failed(split: S, error: RxweftError): void
  /** Ends the count: the split is readable. */
  fine(split: S): void
  /** Number of splits that are unreadable now. */
  readonly size: number
}

/** Delay of the first notice, ms; each further one follows when the duration has doubled. */
const firstNotice = 5_000

export function patientSplits<S extends Split>({
  clock,
  signal,
  tell,
}: Pick<AttemptContext, 'clock' | 'signal' | 'tell'>): PatientSplits<S> {
  const troubled = new Map<S, { readonly since: number; finalSince: number | null; notice: number }>()

  return {
    failed(split, error) {
      const now = clock.monotonic()
      const its = troubled.get(split) ?? { since: now, finalSince: null, notice: firstNotice }
      troubled.set(split, its)
      if (signal.aborted) throw error
      const final = error.consequence !== 'retriable' && !wasRefused(error)
      its.finalSince = final ? (its.finalSince ?? now) : null
      const duration = Math.round(now - its.since)
      if (duration >= longPatience || (its.finalSince !== null && now - its.finalSince >= finalPatience)) throw error
      if (duration < its.notice) return
      its.notice = duration * 2
      const { topic, partition } = split
      tell({ type: 'partition-unavailable', topic, partition, error, duration })
    },
    fine: (split) => void troubled.delete(split),
    get size() {
      return troubled.size
    },
  }
}
