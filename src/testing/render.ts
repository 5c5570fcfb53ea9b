import { isDeepStrictEqual } from 'node:util'
import type { StreamElement } from '../element.ts'
import type { Committable } from '../sinks/sink.ts'
import { isElement, type MarbleEvent } from './marbles.ts'

/** Element or Committable: anything that a picture can show. */
export type Drawable = StreamElement<unknown> | Committable

/**
 * Draws the events of a stream as a picture that `parse` can read, so that a failing test shows two
 * pictures.
 *
 * One column per frame; several events of one frame stand in brackets and may push later ones to
 * the right. A Committable is drawn as the number of its checkpoint.
 *
 * @param frames length of the picture if the stream did not end
 */
export function render(
  events: readonly MarbleEvent<Drawable>[],
  frames = 0,
  values: Readonly<Record<string, unknown>> = {},
): string {
  const columns = new Map<number, string[]>()
  for (const { frame, notification } of events) {
    columns.set(frame, [...(columns.get(frame) ?? []), marble(notification, values, frame)])
  }
  let picture = ''
  for (const [frame, marbles] of columns) {
    picture = picture.padEnd(frame, '-') + (marbles.length === 1 ? marbles[0] : `(${marbles.join('')})`)
  }
  return events.at(-1)?.notification.kind === 'N' || events.length === 0 ? picture.padEnd(frames, '-') : picture
}

function marble(
  notification: MarbleEvent<Drawable>['notification'],
  values: Readonly<Record<string, unknown>>,
  frame: number,
): string {
  if (notification.kind !== 'N') return notification.kind === 'C' ? '|' : '#'
  const element = notification.value
  const named = Object.keys(values).find((name) => standsFor(values[name], element))
  return named ?? nameless(element, values, frame)
}

function standsFor(value: unknown, element: Drawable): boolean {
  if (isElement(value)) return isDeepStrictEqual(value, element)
  return element.kind === 'record' && isDeepStrictEqual(value, element.value)
}

function nameless(element: Drawable, values: Readonly<Record<string, unknown>>, frame: number): string {
  switch (element.kind) {
    case 'restore':
      return 'R'
    case 'idle':
      return '<idle>'
    case 'watermark':
      return element.timestamp === frame && !Object.hasOwn(values, 'W') ? 'W' : `<watermark ${element.timestamp}>`
    case 'barrier':
    case 'committable':
      return element.checkpoint < 10 ? String(element.checkpoint) : `<barrier ${element.checkpoint}>`
    case 'record':
      return isFreeLetter(element.value, values) ? element.value : `<${literal(element.value)}>`
  }
}

function isFreeLetter(value: unknown, values: Readonly<Record<string, unknown>>): value is string {
  return (
    typeof value === 'string' &&
    /^[a-z]$/i.test(value) &&
    value !== 'R' &&
    value !== 'W' &&
    !Object.hasOwn(values, value)
  )
}

/**
 * JSON in which > is escaped, since it would end the marble; values without JSON become strings.
 */
function literal(value: unknown): string {
  const json = typeof value === 'bigint' ? undefined : JSON.stringify(value)
  return (json ?? JSON.stringify(String(value))).replaceAll('>', '\\u003e')
}
