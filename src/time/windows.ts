/**
 * Window assigners: which stretches of event time a record belongs to. A window is [start, end), so `end - 1` is its last millisecond.
 *
 *   tumbling(10)      |---------|---------|---------|      each record is in one
 *   sliding(10, 5)    |---------|---------|                each record is in two
 *                          |---------|---------|
 *   session(10)         |------------|     |-----|         as long as no gap between records is longer than that
 *   globalWindow()          ...all the records of a key...
 *
 * The arithmetic and the merging are Flink's, so that negative times, offsets and gaps fall as they do there.
 */

import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'

/** ms since the epoch; `end` is exclusive. The global window is from -Infinity to +Infinity. */
export interface Window {
  readonly start: number
  readonly end: number
}

/** Windows of one size, one every `slide` ms, at `offset` from the epoch. */
export interface FixedWindows {
  readonly kind: 'fixed'
  readonly size: number
  readonly slide: number
  readonly offset: number
}

export interface SessionWindows {
  readonly kind: 'session'
  readonly gap: number
}

export interface GlobalWindows {
  readonly kind: 'global'
}

export type WindowAssigner = FixedWindows | SessionWindows | GlobalWindows

export interface OffsetOption {
  /** Moves all windows to the right, ms: days that begin at midnight in UTC+8 are `tumbling(86_400_000, { offset: -28_800_000 })`. Default 0. */
  readonly offset?: number | undefined
}

/** Windows side by side. @param size ms, whole, from 1. Throws Fatal BAD_OPTION. */
export function tumbling(size: number, options: OffsetOption = {}): FixedWindows {
  return fixed('tumbling', size, size, options)
}

/**
 * Windows that begin every `slide` ms. Where `slide` is longer than `size`, a record between two windows is in none.
 * @param size ms, whole, from 1. @param slide the same. Throws Fatal BAD_OPTION.
 */
export function sliding(size: number, slide: number, options: OffsetOption = {}): FixedWindows {
  return fixed('sliding', size, slide, options)
}

/**
 * One window for all records of a key that follow each other within `gap` ms of event time; it ends one gap after the last of them. Sessions that
 * a late record connects become one. @param gap ms, whole, from 1. Throws Fatal BAD_OPTION.
 */
export function session(gap: number): SessionWindows {
  if (!isPositive(gap)) throw bad(`session(${gap})`, 'Give a gap in whole ms, from 1')
  return { kind: 'session', gap }
}

/** One window for all records of a key, whatever their time. It needs a count trigger, since it never ends. */
export function globalWindow(): GlobalWindows {
  return { kind: 'global' }
}

/** The start of the last window that begins at or before this time. @param timestamp whole, as are the results */
export function lastStart(timestamp: number, slide: number, offset: number): number {
  // Two remainders, so that no sum on the way is larger than what a number can hold exactly.
  const into = ((timestamp % slide) - offset) % slide
  return timestamp - (into < 0 ? into + slide : into)
}

function fixed(name: string, size: number, slide: number, options: OffsetOption): FixedWindows {
  checkOptionNames(name, options, { offset: true })
  const { offset = 0 } = options
  if (!isPositive(size)) throw bad(`the size of ${name} windows is ${size}`, 'Give whole ms, from 1')
  if (!isPositive(slide)) throw bad(`the slide of ${name} windows is ${slide}`, 'Give whole ms, from 1')
  if (!Number.isSafeInteger(offset) || Math.abs(offset) >= slide) {
    throw bad(`the offset of ${name} windows is ${offset}`, `Give whole ms, between -${slide} and ${slide}`)
  }
  return { kind: 'fixed', size, slide, offset }
}

function isPositive(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 1
}

function bad(what: string, hint: string): FatalError {
  return new FatalError('BAD_OPTION', what, { hint })
}
