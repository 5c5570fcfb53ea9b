/**
 * Pictures of element streams, one column a frame:
 *
 *   R--a--b--1--(cd)--2--|
 *
 *   a to z, A to Z   a record whose value is the letter, or what `values` has for it; the timestamp is its frame, the offset counts
 *   0 to 9           a barrier
 *   R                the Restore, of `restoreFrom` if that is given (unless `values` says otherwise)
 *   W                a watermark with the time of its frame (unless `values` says otherwise): event time has come to here
 *   |  #             the stream completes, errors
 *   ( )              all in one frame, that of the bracket
 *   -                a frame in which nothing happens; spaces are no frames and only align
 *   <...>            what has no letter: <42> or <{"id":7}> a record with that JSON value, <barrier 12>, <watermark 5>, <idle>
 *
 * `values` may also hold elements: { W: watermark(5), B: barrier(1, positions) }.
 */
import { concat, dematerialize, from, NEVER, type Observable, type ObservableNotification } from 'rxjs'
import type { Services } from '../attempt.ts'
import { barrier, idle, restore, type StreamElement, watermark } from '../element.ts'
import { FatalError } from '../errors.ts'
import { type Json, type OperatorId, type Split, streamRecord } from '../record.ts'
import { testServices } from './testServices.ts'
import type { TestSnapshot } from './testStates.ts'

export interface MarbleOptions {
  /** What a letter stands for: the value of a record, or an element. */
  readonly values?: Readonly<Record<string, unknown>>
  /** What `#` errors with. */
  readonly error?: unknown
  /** What R hands out. */
  readonly services?: Services
  /** The states that R hands out, by operator. */
  readonly states?: Readonly<Record<OperatorId, Json>>
  /** What R hands out: what `run` has kept of another pipeline at a barrier. */
  readonly restoreFrom?: TestSnapshot | undefined
  /** Where records say that they were read. */
  readonly split?: Split
}

export interface MarbleEvent<E> {
  readonly frame: number
  readonly notification: ObservableNotification<E>
}

export interface Marbles<E> {
  readonly events: readonly MarbleEvent<E>[]
  /** The length of the picture. */
  readonly frames: number
}

const kinds: readonly unknown[] = ['record', 'watermark', 'idle', 'barrier', 'restore', 'committable']
const defaultSplit: Split = { topic: 'marbles', partition: 0 }

/** Throws Fatal BAD_MARBLES on what is no marble. */
export function parse<T = string>(picture: string, options: MarbleOptions = {}): Marbles<StreamElement<T>> {
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

/** The elements of a picture, emitted at once to each subscriber; it stays open where the picture does not end. */
export function cold<T = string>(picture: string, options?: MarbleOptions): Observable<StreamElement<T>> {
  const { events } = parse<T>(picture, options)
  return concat(from(events.map(({ notification }) => notification)), NEVER).pipe(dematerialize())
}

/** Whether something in `values` is an element, and not the value of a record. */
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
  throw new FatalError('BAD_MARBLES', `"${marble}" in "${picture}" is no marble`, {
    hint: 'Use letters for records, digits for barriers, R | # ( ) - and space, or <JSON>, <watermark 5>, <idle>, <barrier 12>',
  })
}
