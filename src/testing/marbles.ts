/**
 * Pictures of element streams, one column per frame:
 *
 *     R--a--b--1--(cd)--2--|
 *
 *     a to z, A to Z   a record whose value is the letter, or its entry in `values`; timestamp:
 *                      its frame; the offset counts up
 *     0 to 9           a barrier
 *     R                the Restore, of `restoreFrom` if given (unless `values` has it)
 *     W                a watermark with the time of its frame (unless `values` has it)
 *     |  #             the stream completes, errors
 *     ( )              several events in one frame, that of the bracket
 *     -                an empty frame; spaces are no frames and only align
 *     <...>            anything without a letter: <42> or <{"id":7}> a record with that JSON value,
 *                      <barrier 12>, <watermark 5>, <idle>
 *
 * `values` may also hold elements: { W: watermark(5), B: barrier(1, positions) }.
 */

import { concat, dematerialize, from, NEVER, type ObservableNotification } from 'rxjs'
import type { Services } from '../attempt.ts'
import { barrier, idle, restore, type StreamElement, watermark } from '../element.ts'
import { FatalError } from '../errors.ts'
import { anObject, anything } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import { type Json, type OperatorId, type Split, streamRecord } from '../record.ts'
import { asStream, type Stream } from '../stream.ts'
import { testServices } from './testServices.ts'
import type { TestSnapshot } from './testStates.ts'

/** Options of marble pictures. */
export interface MarbleOptions {
  /** Meaning of letters: the value of a record, or an element. Default: the letter itself. */
  readonly values?: Readonly<Record<string, unknown>>
  /** Error of `#`. Default: an Error. */
  readonly error?: unknown
  /** Services that R hands out. Default `testServices()`. */
  readonly services?: Services
  /** States that R hands out, by operator. Default: none. */
  readonly states?: Readonly<Record<OperatorId, Json>>
  /** Snapshot that R hands out, from `snapshot` of another run. Default: none. */
  readonly restoreFrom?: TestSnapshot | undefined
  /** Split of the records. Default: topic 'marbles', partition 0. */
  readonly split?: Split
}

/** Event of a picture. */
export interface MarbleEvent<E> {
  /** Frame of the event; in `runInTime`, ms. */
  readonly frame: number
  /** Value, error or completion, as in RxJS. */
  readonly notification: ObservableNotification<E>
}

/** Parsed picture. */
export interface Marbles<E> {
  /** Events, in order. */
  readonly events: readonly MarbleEvent<E>[]
  /** Length of the picture, frames. */
  readonly frames: number
}

/** Rules of the options of pictures. */
export const marbleRules: OptionRules<MarbleOptions> = {
  values: anObject,
  error: anything,
  services: anObject,
  states: anObject,
  restoreFrom: anObject,
  split: anObject,
}

const kinds: readonly unknown[] = ['record', 'watermark', 'idle', 'barrier', 'restore', 'committable']
const defaultSplit: Split = { topic: 'marbles', partition: 0 }

/**
 * Parses a picture of a stream, such as 'R--a--b--1--|'.
 *
 *     a to z     record         R   Restore           |   completion
 *     0 to 9     barrier        W   watermark         #   error
 *     (ab)       one frame      -   empty frame       <42>  record with a JSON value
 *
 * @throws BAD_MARBLES if the picture is wrong
 */
export function parse<T = string>(picture: string, options: MarbleOptions = {}): Marbles<StreamElement<T>> {
  checkOptions('parse', options, marbleRules)
  return parsed(picture, options)
}

/** As `parse`, for options that are checked. */
export function parsed<T>(picture: string, options: MarbleOptions): Marbles<StreamElement<T>> {
  const events: MarbleEvent<StreamElement<T>>[] = []
  const toNotification = notifications<T>(picture, { services: testServices(), ...options })
  let frame = 0
  let group: number | undefined
  for (const [marble] of picture.matchAll(/<[^>]*>|./gu)) {
    if (marble === ' ') continue
    if (marble === '(') group = frame
    else if (marble === ')') group = undefined
    else if (marble !== '-') {
      events.push({ frame: group ?? frame, notification: toNotification(marble, group ?? frame) })
    }
    frame += marble.length
  }
  return { events, frames: frame }
}

/**
 * Emits the elements of a picture at once to each subscriber; stays open if the picture does not
 * end.
 *
 * @throws BAD_MARBLES if the picture is wrong
 */
export function cold<T = string>(picture: string, options?: MarbleOptions): Stream<T> {
  const { events } = parse<T>(picture, options)
  return asStream(concat(from(events.map(({ notification }) => notification)), NEVER).pipe(dematerialize()))
}

/** Tells an element in `values` from the value of a record. */
export function isElement(value: unknown): value is StreamElement<unknown> {
  return typeof value === 'object' && value !== null && 'kind' in value && kinds.includes(value.kind)
}

function notifications<T>(picture: string, options: MarbleOptions & { readonly services: Services }) {
  let offset = 0
  const record = (value: unknown, frame: number): StreamElement<T> =>
    streamRecord(value as T, frame, null, [], options.split ?? defaultSplit, offset++)

  return (marble: string, frame: number): ObservableNotification<StreamElement<T>> => {
    if (marble === '|') return { kind: 'C' }
    if (marble === '#') return { kind: 'E', error: options.error ?? new Error('the marble #') }
    const { values = {}, states = {}, services } = options
    if (Object.hasOwn(values, marble)) {
      const value = values[marble]
      return { kind: 'N', value: isElement(value) ? (value as StreamElement<T>) : record(value, frame) }
    }
    if (marble === 'R') return { kind: 'N', value: restoreOf(options, states, services) }
    if (marble === 'W') return { kind: 'N', value: watermark(frame) }
    if (/^[0-9]$/.test(marble)) return { kind: 'N', value: barrier(Number(marble)) }
    if (/^[a-z]$/i.test(marble)) return { kind: 'N', value: record(marble, frame) }
    return { kind: 'N', value: control(marble) ?? record(json(marble, picture), frame) }
  }
}

function restoreOf({ restoreFrom }: MarbleOptions, states: Readonly<Record<OperatorId, Json>>, services: Services) {
  const all = new Map([...(restoreFrom?.states ?? []), ...Object.entries(states)])
  return restore(restoreFrom?.checkpoint ?? 0, all, services)
}

function control(marble: string): StreamElement<never> | undefined {
  if (marble === '<idle>') return idle
  const [, kind, number] = /^<(barrier|watermark) (\S+)>$/.exec(marble) ?? []
  if (kind === undefined) return undefined
  return kind === 'barrier' ? barrier(Number(number)) : watermark(Number(number))
}

function json(marble: string, picture: string): unknown {
  try {
    if (marble.length > 2) return JSON.parse(marble.slice(1, -1))
  } catch {
    // Said below, with the picture.
  }
  throw new FatalError('BAD_MARBLES', `"${marble}" in "${picture}" is not a marble`, {
    hint: 'Use letters for records, digits for barriers, R | # ( ) - and space, or <JSON>, <watermark 5>, <idle>, <barrier 12>',
  })
}
