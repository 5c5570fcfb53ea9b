/**
 * Watermark strategies: how the records of a source tell event time. A strategy is a value; each method returns another one.
 *
 *   boundedOutOfOrderness(5_000).withIdleness(60_000).withTimestamps((click) => click.at)
 *
 * In `from(source, strategy)` let `withTimestamps` be the last in the chain: then its function knows the type of the source's values.
 */

import { FatalError } from '../errors.ts'
import type { StreamRecord } from '../record.ts'

/** When something happened, in ms since the epoch. `record` still has the timestamp that the source gave it. */
export type TimestampOf<T> = (value: T, record: StreamRecord<T>) => number

/** Which splits wait for each other, and how far, in ms, one may be ahead of the last. */
export interface AlignmentOptions {
  readonly maxDrift: number
  readonly group: string
}

/** How far ahead a timestamp may lie, in ms, and of what. */
export interface MaxAhead {
  readonly ms: number
  /** 'source': of the timestamp that the source has given the record; 'clock': of the time of day at which it is read. */
  readonly of: 'source' | 'clock'
}

/** Fits every source whose values are T. */
export interface WatermarkStrategy<in T> {
  /** A split's watermark is its highest timestamp minus this, in ms, minus 1; undefined: there are no watermarks. */
  readonly outOfOrderness: number | undefined
  /** undefined: the timestamps of the source. */
  readonly timestamps: TimestampOf<T> | undefined
  /** ms; undefined: a silent split holds the watermark back for ever. */
  readonly idleness: number | undefined
  readonly alignment: AlignmentOptions | undefined
  /** undefined: a record may lie as far ahead as it likes, and then makes all records behind it late. */
  readonly maxAhead: MaxAhead | undefined

  /**
   * Takes each record's timestamp from its value. A record for which the function throws, or answers what is no finite number, goes the way of
   * one that cannot be decoded: error BAD_TIMESTAMP, and what the source's `onError` says. Throws Fatal BAD_OPTION on what is no function.
   */
  withTimestamps<R>(timestamps: TimestampOf<R>): WatermarkStrategy<R>

  /**
   * A record that lies more than `ms` ahead is bad: error TIMESTAMP_AHEAD, and what the source's `onError` says. Without this, a single
   * timestamp in microseconds moves event time on by fifty thousand years: whatever comes after it is late, and state that expires is gone.
   * Needs no watermarks: operators with a time to live go by the highest timestamp.
   *
   * `of` says ahead of what. 'source' (default): the timestamp that the source has given the record, for Kafka that of its producer or
   * broker. It compares what `withTimestamps` finds with what Kafka knows, and like lateness is a property of the input: a record that is
   * read again fares the same. Kafka itself refuses timestamps more than an hour ahead (`message.timestamp.after.max.ms`, from 4.0 on). 'clock': the
   * time of day at which the record is read; for sources whose own timestamps cannot be trusted. Records that have none are compared with the clock.
   *
   * There is no default: what is planned lies ahead of the day on which it is written, and only the job knows how far.
   * Throws Fatal BAD_OPTION on what is no time, 0 or more.
   */
  withMaxAhead(ms: number, of?: MaxAhead['of']): WatermarkStrategy<T>

  /**
   * A split without a record for this long, in ms, is idle and does not hold back the watermark of the others; its next record makes it
   * active again. If that is older than what the others have reached it is late: let `ms` be longer than splits are silent by chance,
   * and longer than a batch of each takes. Time in which the source waits for the sinks does not count.
   * Throws Fatal BAD_OPTION unless it is whole, 1 or more and below 2^31, and where there are no watermarks to hold back.
   */
  withIdleness(ms: number): WatermarkStrategy<T>

  /**
   * Watermark alignment: a split whose watermark is more than `maxDrift` ms ahead of the lowest in the group is not read until the others have
   * caught up, so that what waits for them downstream, in windows and joins, stays small. It may be ahead by one batch more. The group is all
   * splits of all sources of the job that name it. What holds a watermark back holds the others up here too: a split without a single record
   * does, so add `withIdleness` where there may be any; idle splits, and those of a bounded source that are through, do not count.
   * Throws Fatal BAD_OPTION on a negative drift, an empty name, or where there are no watermarks to align. When the job starts:
   * Fatal CANNOT_ALIGN where the source cannot hold a split back; all sources of rxweft can.
   */
  withAlignment(maxDrift: number, group?: string): WatermarkStrategy<T>
}

/** No event time: only the end of a bounded source is announced. Records keep the source's timestamps, unless `withTimestamps` is added. */
export function noWatermarks(): WatermarkStrategy<unknown> {
  return strategy({})
}

/** For splits in which timestamps never fall: `boundedOutOfOrderness(0)`. */
export function monotonousTimestamps(): WatermarkStrategy<unknown> {
  return boundedOutOfOrderness(0)
}

/**
 * In each split, a record comes at most `ms` of event time later than one with a higher timestamp: the watermark of a split is its highest
 * timestamp - ms - 1, and that of the source the lowest of its splits, as in Flink. Throws Fatal BAD_OPTION on what is no time, 0 or more.
 */
export function boundedOutOfOrderness(ms: number): WatermarkStrategy<unknown> {
  if (!isTime(ms)) bad(`boundedOutOfOrderness(${ms})`, 'Give ms, 0 or more')
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
      if (typeof given !== 'function')
        bad('withTimestamps got no function', 'Give one from a value to ms since the epoch')
      return strategy({ outOfOrderness, idleness, alignment, maxAhead, timestamps: given })
    },
    withMaxAhead(ms, of = 'source') {
      if (!isTime(ms)) bad(`withMaxAhead(${ms})`, 'Give ms, 0 or more')
      if (of !== 'source' && of !== 'clock') bad(`withMaxAhead of ${JSON.stringify(of)}`, "Say 'source' or 'clock'")
      return strategy({ ...parts, maxAhead: { ms, of } })
    },
    withIdleness(ms) {
      // setTimeout fires at once when asked for more.
      if (!Number.isInteger(ms) || ms < 1 || ms >= 2 ** 31) bad(`withIdleness(${ms})`, 'Give whole ms, 1 or more')
      if (outOfOrderness === undefined) nothingTo('withIdleness')
      return strategy({ ...parts, idleness: ms })
    },
    withAlignment(maxDrift, group = 'default') {
      if (!isTime(maxDrift)) bad(`withAlignment(${maxDrift})`, 'Give ms, 0 or more')
      if (typeof group !== 'string' || group === '')
        bad('withAlignment got no name for the group', 'Name it, or leave it out')
      if (outOfOrderness === undefined) nothingTo('withAlignment')
      return strategy({ ...parts, alignment: { maxDrift, group } })
    },
  }
}

function isTime(ms: unknown): boolean {
  return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0
}

function nothingTo(method: string): never {
  bad(`${method} after noWatermarks()`, 'Begin with boundedOutOfOrderness(ms) or monotonousTimestamps()')
}

function bad(what: string, hint: string): never {
  throw new FatalError('BAD_OPTION', what, { hint })
}
