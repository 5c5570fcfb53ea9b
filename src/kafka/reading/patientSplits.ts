/**
 * How long each split has been unreadable: tells of it after a while, and gives up at last. An
 * error that sounds final is only believed when it has come again for some seconds.
 */
import type { AttemptContext } from '../../attempt.ts'
import type { RxweftError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { doubt, longPatience } from '../nodes/passing.ts'
import { wasRefused } from '../sending/doubt.ts'

export interface PatientSplits<S> {
  /**
   * The split could not be read. Throws the error where it has lasted for too long, or the attempt
   * is over.
   */
  failed(split: S, error: RxweftError): void
  /** It can be read. */
  fine(split: S): void
  /** How many cannot be read at the moment. */
  readonly size: number
}

/** The first notice comes after this time, ms; each further one when it has doubled. */
const firstNotice = 5_000

export function patientSplits<S extends Split>({
  clock,
  signal,
  tell,
}: Pick<AttemptContext, 'clock' | 'signal' | 'tell'>): PatientSplits<S> {
  const troubled = new Map<S, { readonly since: number; doubtedSince: number | null; notice: number }>()

  return {
    failed(split, error) {
      const now = clock.monotonic()
      const its = troubled.get(split) ?? { since: now, doubtedSince: null, notice: firstNotice }
      troubled.set(split, its)
      if (signal.aborted) throw error
      const final = error.consequence !== 'retriable' && !wasRefused(error)
      its.doubtedSince = final ? (its.doubtedSince ?? now) : null
      const duration = Math.round(now - its.since)
      if (duration >= longPatience || (its.doubtedSince !== null && now - its.doubtedSince >= doubt)) throw error
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
