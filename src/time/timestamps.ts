/**
 * Event time of a single record: from `withTimestamps`, otherwise from the source; always in the
 * range of a Date.
 */
import { FatalError, RxweftError, toRxweftError } from '../errors.ts'
import type { OperatorId, StreamRecord } from '../record.ts'
import type { MaxAhead, TimestampOf } from './watermarks.ts'

/**
 * Returns the record with its event time, or null if it has none: `refuse` has taken it, with error
 * BAD_TIMESTAMP. Throws what `refuse` throws, and rxweft errors of the function that are not about
 * a bad record.
 */
export function timed<T>(
  record: StreamRecord<T>,
  timestamps: TimestampOf<T> | undefined,
  operator: OperatorId,
  refuse: (record: StreamRecord<T>, error: RxweftError) => void,
): StreamRecord<T> | null {
  const timestamp = timestamps === undefined ? record.timestamp : answerOf(timestamps, record, operator)
  if (isTime(timestamp)) return timestamp === record.timestamp ? record : withTimestamp(record, timestamp)
  const error = timestamp instanceof RxweftError ? timestamp : badTimestamp(record, operator, `is ${shown(timestamp)}`)
  if (!error.badRecord) throw error
  refuse(record, error)
  return null
}

/**
 * Last ms that a Date can hold, in the year 275760. Beyond, not every ms is a number, and windows
 * refuse the record; but it would have raised the watermark by then, and made all others late.
 */
const lastTime = 8.64e15

/** False for NaN, too. */
const isTime = (timestamp: unknown): timestamp is number =>
  typeof timestamp === 'number' && timestamp >= -lastTime && timestamp <= lastTime

function withTimestamp<T>(record: StreamRecord<T>, timestamp: number): StreamRecord<T> {
  const { value, key, headers, split, offset, timestamp: sourceTime } = record
  return { kind: 'record', value, timestamp, key, headers, split, offset, sourceTime }
}

/** Returns the function's result, of whatever type, or the error that it threw. */
function answerOf<T>(timestamps: TimestampOf<T>, record: StreamRecord<T>, operator: OperatorId): unknown {
  try {
    return timestamps(record.value, record)
  } catch (thrown) {
    return toRxweftError(thrown, (cause) => {
      return badTimestamp(record, operator, `cannot be computed: ${cause.name}: ${cause.message}`, cause)
    })
  }
}

/**
 * Returns the record, or null if it lies too far ahead of `base`: `refuse` has taken it, with error
 * TIMESTAMP_AHEAD.
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
  const what = of === 'clock' ? 'the clock' : 'the timestamp that the source gave it'
  refuse(
    record,
    new FatalError(
      'TIMESTAMP_AHEAD',
      `the timestamp of the record is ${Math.round(record.timestamp - base)} ms ahead of ${what}; ${ms} ms are allowed`,
      {
        where: { operator, topic: split.topic, partition: split.partition, offset },
        hint: 'Check that its timestamp is in ms, and that the clock of its producer is right. `onError` of the source decides about such records, and `withMaxAhead` sets the limit',
        badRecord: true,
      },
    ),
  )
  return null
}

/** Names the kind of value: the value itself is data of the user. */
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
    hint: 'Give withTimestamps a function that returns ms since the epoch for each value, in the range of a Date, or set `onError` of the source',
    badRecord: true,
    ...(cause === undefined ? {} : { cause }),
  })
}
