/**
 * Triggers: when a window gives its result.
 *
 *   onWatermark()   once the watermark has reached its last millisecond; then again for each late record that is still allowed
 *   onCount(3)      at each third record, and at no watermark
 *   early(1_000)    as onWatermark, and before that what it has come to so far: 1000 ms after the first record that was not told yet
 */

import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'

export interface WatermarkTrigger {
  readonly kind: 'watermark'
}

export interface CountTrigger {
  readonly kind: 'count'
  readonly count: number
  /** undefined: as is usual for the windows. */
  readonly purge: boolean | undefined
}

export interface EarlyTrigger {
  readonly kind: 'early'
  readonly every: number
}

export type Trigger = WatermarkTrigger | CountTrigger | EarlyTrigger

export function onWatermark(): WatermarkTrigger {
  return { kind: 'watermark' }
}

export interface CountOptions {
  /** Whether a window that has fired begins anew. Default: true for the global window, false for windows of time, as in Flink. */
  readonly purge?: boolean | undefined
}

/** At each n-th record of a window. What is left when the window ends is not told. Throws Fatal BAD_OPTION. @param n from 1 */
export function onCount(n: number, options: CountOptions = {}): CountTrigger {
  checkOptionNames('onCount', options, { purge: true })
  if (!Number.isSafeInteger(n) || n < 1) throw bad(`onCount(${n})`, 'Give a whole number, from 1')
  return { kind: 'count', count: n, purge: options.purge }
}

/**
 * Every `ms` of processing time in which a window has got records, with all of them so far, and at the watermark. A result is so told several
 * times: the sink should replace what it has of the key and window. Throws Fatal BAD_OPTION. @param ms whole, from 1 to 2^31 - 1
 */
export function early(ms: number): EarlyTrigger {
  if (!Number.isSafeInteger(ms) || ms < 1 || ms >= 2 ** 31) throw bad(`early(${ms})`, 'Give whole ms, from 1')
  return { kind: 'early', every: ms }
}

function bad(what: string, hint: string): FatalError {
  return new FatalError('BAD_OPTION', what, { hint })
}
