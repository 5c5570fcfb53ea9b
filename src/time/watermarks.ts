/**
 * Watermark strategies: how the records of a source tell event time. A strategy is a value; each method returns another one.
 *
 *   boundedOutOfOrderness(5_000).withIdleness(60_000).withTimestamps((click) => click.at)
 *
 * In `from(source, strategy)` let `withTimestamps` be the last in the chain: then its function knows the type of the source's values.
 */
import type { StreamRecord } from '../element.ts'
import { FatalError } from '../errors.ts'

/** When something happened, in ms since the epoch. `record` still has the timestamp that the source gave it. */
export type TimestampOf<T> = (value: T, record: StreamRecord<T>) => number

/** Which splits wait for each other, and how far, in ms, one may be ahead of the last. */
export interface AlignmentOptions {
  readonly maxDrift: number
  readonly group: string
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

  /**
   * Takes each record's timestamp from its value. A record for which the function throws, or answers what is no finite number, goes the way of
   * one that cannot be decoded: error BAD_TIMESTAMP, and what the source's `onError` says. Throws Fatal BAD_OPTION on what is no function.
   */
  withTimestamps<R>(timestamps: TimestampOf<R>): WatermarkStrategy<R>

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

type Parts<T> = { readonly [K in 'outOfOrderness' | 'timestamps' | 'idleness' | 'alignment']?: WatermarkStrategy<T>[K] }

function strategy<T>(parts: Parts<T>): WatermarkStrategy<T> {
  const { outOfOrderness, timestamps, idleness, alignment } = parts
  return {
    ...{ outOfOrderness, timestamps, idleness, alignment },
    withTimestamps(given) {
      if (typeof given !== 'function')
        bad('withTimestamps got no function', 'Give one from a value to ms since the epoch')
      return strategy({ outOfOrderness, idleness, alignment, timestamps: given })
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
