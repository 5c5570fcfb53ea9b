/** The events of a scenario in few letters, so that a scenario fits on a few lines. */
import type { ElementEvent, Event, WatermarkEvent } from '../scenario.ts'

/** An element of the only input, or of the left one. */
export function at(timestamp: number, value: number, key = 'a'): ElementEvent {
  return { type: 'element', input: 0, key, value, timestamp }
}

export const left = at

export function right(timestamp: number, value: number, key = 'a'): ElementEvent {
  return { type: 'element', input: 1, key, value, timestamp }
}

export function mark(timestamp: number, input = 0): WatermarkEvent {
  return { type: 'watermark', input, timestamp }
}

/** The same watermark on both inputs. */
export function marks(timestamp: number): readonly WatermarkEvent[] {
  return [mark(timestamp, 0), mark(timestamp, 1)]
}

export const end: WatermarkEvent = mark(Number.POSITIVE_INFINITY)

export function idle(input = 0): Event {
  return { type: 'status', input, idle: true }
}

export function active(input = 0): Event {
  return { type: 'status', input, idle: false }
}

export const restart: Event = { type: 'snapshotAndRestore' }

/** An element of a split of a source. */
export function read(split: number, timestamp: number): ElementEvent {
  return { type: 'element', input: split, key: '', value: 0, timestamp }
}

export const emit: Event = { type: 'periodicEmit' }

export function wait(advance: number): Event {
  return { type: 'clock', advance }
}

/** eventTimers: one at `time`. The element's own timestamp has no part in it. */
export function timer(time: number, key = 'a'): ElementEvent {
  return { type: 'element', input: 0, key, value: time, timestamp: 0 }
}

export function noTimer(time: number, key = 'a'): ElementEvent {
  return { ...timer(time, key), delete: true }
}
