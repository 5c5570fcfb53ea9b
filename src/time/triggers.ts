import { aBoolean, milliseconds, required, wholeNumber } from '../optionRules.ts'
import { checkOptions } from '../options.ts'

/** Trigger made by `onWatermark`. */
export interface WatermarkTrigger {
  readonly kind: 'watermark'
}

/** Trigger made by `onCount`. */
export interface CountTrigger {
  readonly kind: 'count'
  /** Number of records between results. */
  readonly count: number
  /** Whether a window that has fired starts empty; undefined: the default of its kind. */
  readonly purge: boolean | undefined
}

/** Trigger made by `early`. */
export interface EarlyTrigger {
  readonly kind: 'early'
  /** Interval between early results, ms of processing time. */
  readonly every: number
}

/** Decides when a window emits its result: `onWatermark()`, `onCount(n)` or `early(ms)`. */
export type Trigger = WatermarkTrigger | CountTrigger | EarlyTrigger

/**
 * Emits when the watermark reaches the last millisecond of the window. The default.
 *
 * Emits again for each late record within `allowedLateness`.
 */
export function onWatermark(): WatermarkTrigger {
  return { kind: 'watermark' }
}

/** Options of `onCount`. */
export interface CountOptions {
  /**
   * Whether a window that has fired starts empty. Default: true for the global window, false for
   * windows of time, as in Flink.
   */
  readonly purge?: boolean | undefined
}

/**
 * Emits at each n-th record of a window, and not at the watermark.
 *
 * Records after the last multiple of n are dropped when the window ends.
 *
 * @param n whole number of records, from 1
 * @throws BAD_OPTION if `n` is anything else
 */
export function onCount(n: number, options: CountOptions = {}): CountTrigger {
  checkOptions('onCount', { n, ...options }, { n: required(wholeNumber(1)), purge: aBoolean })
  return { kind: 'count', count: n, purge: options.purge }
}

/**
 * Emits intermediate results every `ms` of processing time, and the result at the watermark.
 *
 *     window(tumbling(60_000), { trigger: early(1_000) })
 *
 * The interval starts at the first record since the last result. One window has several results, so
 * the sink should replace the previous result of the key and window.
 *
 * @param ms whole ms, from 1 to 2^31 - 1
 * @throws BAD_OPTION if `ms` is anything else
 */
export function early(ms: number): EarlyTrigger {
  checkOptions('early', { ms }, { ms: required(milliseconds(1)) })
  return { kind: 'early', every: ms }
}
