import { FatalError } from '../errors.ts'
import { aFunction, milliseconds, nonEmptyText, oneOf, required, rule } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import type { StreamRecord } from '../record.ts'

/** Returns the event time of a value, ms since the epoch; `record` has the source's timestamp. */
export type TimestampOf<T> = (value: T, record: StreamRecord<T>) => number

/** Settings of watermark alignment; see `withAlignment`. */
export interface AlignmentOptions {
  /** Distance by which a split may be ahead of the last one in its group, ms of event time. */
  readonly maxDrift: number
  /** Name of the group of splits that wait for each other. */
  readonly group: string
}

/** Limit on how far ahead a timestamp may lie; see `withMaxAhead`. */
export interface MaxAhead {
  /** Largest distance, ms. */
  readonly ms: number
  /** Reference: `'source'` is the timestamp given by the source, `'clock'` the time of reading. */
  readonly of: 'source' | 'clock'
}

/**
 * Tells how event time follows from the records of a source whose values are T.
 *
 *     boundedOutOfOrderness(5_000).withIdleness(60_000).withTimestamps((click) => click.at)
 *
 * Strategies are values; each method returns a new one. In `from(source, strategy)` call
 * `withTimestamps` last, so that its function gets the type of the source's values.
 */
export interface WatermarkStrategy<in T> {
  /**
   * Delay of the watermark behind the highest timestamp, ms; undefined: there are no watermarks.
   */
  readonly outOfOrderness: number | undefined
  /** Function that reads the event time of a value; undefined: the source's timestamps count. */
  readonly timestamps: TimestampOf<T> | undefined
  /**
   * Silence after which a split is idle, ms; undefined: a silent split holds the watermark back.
   */
  readonly idleness: number | undefined
  /** Settings of `withAlignment`; undefined: splits do not wait for each other. */
  readonly alignment: AlignmentOptions | undefined
  /**
   * Settings of `withMaxAhead`; undefined: no limit, so one wrong timestamp makes all later records
   * late.
   */
  readonly maxAhead: MaxAhead | undefined

  /**
   * Takes each record's timestamp from its value.
   *
   * A record for which the function throws, or returns no number in the range of a Date, is bad:
   * BAD_TIMESTAMP, and the source's `onError` applies.
   *
   * @throws BAD_OPTION if the argument is not a function
   */
  withTimestamps<R>(timestamps: TimestampOf<R>): WatermarkStrategy<R>

  /**
   * Rejects records whose timestamp lies more than `ms` ahead: TIMESTAMP_AHEAD, and the source's
   * `onError` applies.
   *
   * Without it, one timestamp in microseconds moves event time on by fifty thousand years: every
   * later record is late, and state with a time to live is gone. It works without watermarks too,
   * because state expires by the highest timestamp.
   *
   * `'source'` compares the result of `withTimestamps` with the timestamp of the producer or
   * broker, so a record read again fares the same. `'clock'` compares with the time of reading, for
   * sources whose own timestamps cannot be trusted, and for records that have none. There is no
   * default limit, because planned events lie ahead, and only the job knows how far.
   *
   * @param of reference of the comparison; default `'source'`
   * @throws BAD_OPTION if `ms` is not a number, 0 or more
   */
  withMaxAhead(ms: number, of?: MaxAhead['of']): WatermarkStrategy<T>

  /**
   * Stops a split without records for `ms` from holding back the watermark of the others.
   *
   * Its next record makes the split active again; the record is late if it is older than the
   * watermark of the others. Choose `ms` longer than a chance silence of a split and longer than
   * one batch takes. Time in which the source waits for the sinks does not count.
   *
   * @param ms whole ms, from 1 to 2^31 - 1
   * @throws BAD_OPTION if `ms` is anything else, or if the strategy has no watermarks
   */
  withIdleness(ms: number): WatermarkStrategy<T>

  /**
   * Pauses a split whose watermark is more than `maxDrift` ms ahead of the lowest in its group.
   *
   * State that waits for slow splits downstream, in windows and joins, therefore stays small. A
   * split may be ahead by one batch more. The group spans all sources of the job that name it. A
   * split without a single record holds the others up, so add `withIdleness` if there may be one;
   * idle splits and ended splits do not count.
   *
   * @param maxDrift ms of event time, 0 or more
   * @param group default 'default'
   * @throws BAD_OPTION if an argument is wrong, or if the strategy has no watermarks
   * @throws CANNOT_ALIGN at the start of the job if the source cannot pause a split; rxweft's can
   */
  withAlignment(maxDrift: number, group?: string): WatermarkStrategy<T>
}

/**
 * No event time: a watermark comes only at the end of a bounded source. The default of `from`.
 *
 * Records keep the source's timestamps, unless `withTimestamps` is added.
 */
export function noWatermarks(): WatermarkStrategy<unknown> {
  return strategy({})
}

/** Watermarks for splits whose timestamps never fall: `boundedOutOfOrderness(0)`. */
export function monotonousTimestamps(): WatermarkStrategy<unknown> {
  return boundedOutOfOrderness(0)
}

/**
 * Watermarks for splits in which a record is at most `ms` behind the highest timestamp so far.
 *
 *     records            10   12   11   20       boundedOutOfOrderness(5)
 *     watermark           4    6    6   14       highest timestamp - ms - 1
 *
 * The watermark of a source is the lowest of its splits, as in Flink.
 *
 * @param ms ms of event time, 0 or more
 * @throws BAD_OPTION if `ms` is anything else
 */
export function boundedOutOfOrderness(ms: number): WatermarkStrategy<unknown> {
  checkOptions('boundedOutOfOrderness', { ms }, { ms: aTime })
  return strategy({ outOfOrderness: ms })
}

type Parts<T> = {
  readonly [K in 'outOfOrderness' | 'timestamps' | 'idleness' | 'alignment' | 'maxAhead']?: WatermarkStrategy<T>[K]
}

function strategy<T>(parts: Parts<T>): WatermarkStrategy<T> {
  const { outOfOrderness, timestamps, idleness, alignment, maxAhead } = parts
  return {
    ...{ outOfOrderness, timestamps, idleness, alignment, maxAhead },
    withTimestamps(given) {
      checkOptions('withTimestamps', { timestamps: given }, { timestamps: required(aFunction) })
      return strategy({ outOfOrderness, idleness, alignment, maxAhead, timestamps: given })
    },
    withMaxAhead(ms, of = 'source') {
      checkOptions('withMaxAhead', { ms, of }, { ms: aTime, of: required(oneOf('source', 'clock')) })
      return strategy({ ...parts, maxAhead: { ms, of } })
    },
    withIdleness(ms) {
      // setTimeout fires at once when asked for more.
      checkOptions('withIdleness', { ms }, { ms: required(milliseconds(1)) })
      if (outOfOrderness === undefined) nothingTo('withIdleness')
      return strategy({ ...parts, idleness: ms })
    },
    withAlignment(maxDrift, group = 'default') {
      checkOptions('withAlignment', { maxDrift, group }, { maxDrift: aTime, group: required(nonEmptyText) })
      if (outOfOrderness === undefined) nothingTo('withAlignment')
      return strategy({ ...parts, alignment: { maxDrift, group } })
    },
  }
}

const aTime = required(rule('a finite number of ms from 0', (ms) => Number.isFinite(ms) && (ms as number) >= 0))

function nothingTo(method: string): never {
  throw new FatalError('BAD_OPTION', `${method} has no effect after noWatermarks()`, {
    hint: 'Begin with boundedOutOfOrderness(ms) or monotonousTimestamps()',
  })
}
