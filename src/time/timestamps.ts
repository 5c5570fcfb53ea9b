/**
 * Event time of a single record: what `withTimestamps` says, else what the source says; a finite
 * number in any case.
 */

import { FatalError, RxweftError, toRxweftError } from '../errors.ts'
import type { OperatorId, StreamRecord } from '../record.ts'
import type { MaxAhead, TimestampOf } from './watermarks.ts'

/**
 * The record with its event time; null: it has none, and `refuse` has taken it, error
 * BAD_TIMESTAMP. Throws what `refuse` throws, and those of rxweft's errors that the function throws
 * itself and that mean something else than a bad record.
 */
export function timed<T>(
  record: StreamRecord<T>,
  timestamps: TimestampOf<T> | undefined,
  operator: OperatorId,
  refuse: (record: StreamRecord<T>, error: RxweftError) => void,
): StreamRecord<T> | null {
  const timestamp = timestamps === undefined ? record.timestamp : answerOf(timestamps, record, operator)
  if (timestamp === record.timestamp && Number.isFinite(timestamp)) return record
  if (typeof timestamp === 'number' && Number.isFinite(timestamp)) return withTimestamp(record, timestamp)
  const error = timestamp instanceof RxweftError ? timestamp : badTimestamp(record, operator, `is ${shown(timestamp)}`)
  if (!error.badRecord) throw error
  refuse(record, error)
  return null
}

function withTimestamp<T>(record: StreamRecord<T>, timestamp: number): StreamRecord<T> {
  const { value, key, headers, split, offset, timestamp: sourceTime } = record
  return { kind: 'record', value, timestamp, key, headers, split, offset, sourceTime }
}

/** What the function returns, of whatever type that is, or the error that its throwing means. */
function answerOf<T>(timestamps: TimestampOf<T>, record: StreamRecord<T>, operator: OperatorId): unknown {
  try {
    return timestamps(record.value, record)
  } catch (thrown) {
    return toRxweftError(thrown, (cause) => {
      return badTimestamp(record, operator, `cannot be told: ${cause.name}: ${cause.message}`, cause)
    })
  }
}

/**
 * The record where it does not lie too far ahead of `base`; null: it does, and `refuse` has taken
 * it, error TIMESTAMP_AHEAD.
 */
export function notAhead<T>(
  record: StreamRecord<T>,
  base: number,
  { ms, of }: MaxAhead,
  operator: OperatorId,
  refuse: (record: StreamRecord<T>, error: RxweftError) => void,
): StreamRecord<T> | null {
  if (record.timestamp - base <= ms) return record
  const { split, offset } = record
  const what = of === 'clock' ? 'the clock' : 'the timestamp that the source has given it'
  refuse(
    record,
    new FatalError(
      'TIMESTAMP_AHEAD',
      `the record lies ${Math.round(record.timestamp - base)} ms ahead of ${what}; ${ms} are allowed`,
      {
        where: { operator, topic: split.topic, partition: split.partition, offset },
        hint: 'See whether its timestamp is in ms, and whether the clock that made it is right; `onError` of the source decides what becomes of such records, `withMaxAhead` which they are',
        badRecord: true,
      },
    ),
  )
  return null
}

/** A record's own values are nobody else's business: only what kind of thing it is. */
function shown(timestamp: unknown): string {
  return typeof timestamp === 'number' ? `${timestamp}` : `of type ${typeof timestamp}`
}

function badTimestamp(
  { split, offset }: StreamRecord<unknown>,
  operator: OperatorId,
  what: string,
  cause?: Error,
): RxweftError {
  return new FatalError('BAD_TIMESTAMP', `the timestamp of the record ${what}`, {
    where: { operator, topic: split.topic, partition: split.partition, offset },
    hint: 'Give withTimestamps a function that returns ms since the epoch for every value, or set `onError` of the source',
    badRecord: true,
    ...(cause === undefined ? {} : { cause }),
  })
}
