/**
 * The arithmetic and the merging are Flink's, so that negative times, offsets and gaps fall as they
 * do there.
 */

import { required, rule, wholeNumber } from '../optionRules.ts'
import { checkOptions, type OptionRule } from '../options.ts'

/**
 * Span of event time from `start` to `end`, exclusive; ms since the epoch.
 *
 * The global window spans from -Infinity to +Infinity.
 */
export interface Window {
  /** First millisecond, ms since the epoch. */
  readonly start: number
  /** End, exclusive, ms since the epoch; `end - 1` is the last millisecond. */
  readonly end: number
}

/** Windows of one size, one every `slide` ms; made by `tumbling` and `sliding`. */
export interface FixedWindows {
  readonly kind: 'fixed'
  /** Length of a window, ms. */
  readonly size: number
  /** Distance between the starts of two windows, ms. */
  readonly slide: number
  /** Distance of the first start from the epoch, ms. */
  readonly offset: number
}

/** Windows that last as long as records follow each other; made by `session`. */
export interface SessionWindows {
  readonly kind: 'session'
  /** Longest pause between two records of a session, ms. */
  readonly gap: number
}

/** One window for all records of a key; made by `globalWindow`. */
export interface GlobalWindows {
  readonly kind: 'global'
}

/** Windows of one size by the clock of the machine; made by `processingTime`. */
export interface ProcessingTimeWindows {
  readonly kind: 'processing'
  /** Length of a window, ms. */
  readonly size: number
  /** Distance between the starts of two windows, ms. */
  readonly slide: number
  /** Distance of the first start from the epoch, ms. */
  readonly offset: number
}

/** Assigns records to windows, by their event time or by the clock. */
export type WindowAssigner = FixedWindows | SessionWindows | GlobalWindows | ProcessingTimeWindows

/** Options of `tumbling` and `sliding`. */
export interface OffsetOption {
  /**
   * Shift of all windows, ms. Days that begin at midnight in UTC+8 are `tumbling(86_400_000, {
   * offset: -28_800_000 })`. Default 0.
   */
  readonly offset?: number | undefined
}

/**
 * Windows of `size` ms, side by side; each record is in one window.
 *
 *     |---------|---------|---------|
 *
 * @param size ms of event time, whole, from 1
 * @throws BAD_OPTION if an argument is wrong
 */
export function tumbling(size: number, options: OffsetOption = {}): FixedWindows {
  checkOptions('tumbling', { size, ...options }, { size: wholeMs, offset: below(size) })
  return fixed(size, size, options)
}

/**
 * Windows of `size` ms, one every `slide` ms.
 *
 *     |---------|---------|         sliding(10, 5): each record is in two windows
 *          |---------|---------|
 *
 * If `slide` exceeds `size`, a record between two windows is in none.
 *
 * @param size ms of event time, whole, from 1
 * @param slide ms of event time, whole, from 1
 * @throws BAD_OPTION if an argument is wrong
 */
export function sliding(size: number, slide: number, options: OffsetOption = {}): FixedWindows {
  checkOptions('sliding', { size, slide, ...options }, { size: wholeMs, slide: wholeMs, offset: below(slide) })
  return fixed(size, slide, options)
}

/**
 * One window for all records of a key that follow each other within `gap` ms of event time.
 *
 *     |------------|     |-----|
 *
 * A session ends one gap after its last record. Sessions that a late record connects merge.
 *
 * @param gap ms of event time, whole, from 1
 * @throws BAD_OPTION if `gap` is anything else
 */
export function session(gap: number): SessionWindows {
  checkOptions('session', { gap }, { gap: wholeMs })
  return { kind: 'session', gap }
}

/**
 * One window for all records of a key, whatever their time. It never ends, so it needs `onCount`.
 */
export function globalWindow(): GlobalWindows {
  return { kind: 'global' }
}

/**
 * The same windows by the clock of the machine: a record belongs to the time at which it is
 * processed, whatever its timestamp.
 *
 *     window(processingTime(tumbling(10_000))).reduce((a, b) => a + b, { id: 'sums' })
 *
 * A window emits when the clock reaches its end; after a restart at once, if that time has passed.
 * No record is late. The end of the input ends all windows. Which records share a window depends on
 * when they are processed, so results differ from run to run.
 *
 * @param windows made by `tumbling` or `sliding`
 * @throws BAD_OPTION if `windows` is anything else
 */
export function processingTime({ kind, size, slide, offset }: FixedWindows): ProcessingTimeWindows {
  checkOptions('processingTime', { kind }, { kind: required(rule('made by tumbling or sliding', isFixed)) })
  return { kind: 'processing', size, slide, offset }
}

const isFixed = (kind: unknown): boolean => kind === 'fixed'

/**
 * Start of the last window that begins at or before this time.
 *
 * @param timestamp whole, as are the results
 */
export function lastStart(timestamp: number, slide: number, offset: number): number {
  // Two remainders, so that no sum on the way is larger than what a number can hold exactly.
  const into = ((timestamp % slide) - offset) % slide
  return timestamp - (into < 0 ? into + slide : into)
}

function fixed(size: number, slide: number, { offset = 0 }: OffsetOption): FixedWindows {
  return { kind: 'fixed', size, slide, offset }
}

const wholeMs = required(wholeNumber(1))

function below(slide: number): OptionRule {
  const limit = Number.isSafeInteger(slide) ? slide - 1 : 0
  return wholeNumber(-limit, limit)
}
