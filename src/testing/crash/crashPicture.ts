/**
 * Draws a disturbed run, one row for each attempt and each sink, in columns of time:
 *
 *     attempt 1    R-a-b-1-c-!
 *     attempt 2                R-c-d-2-|
 *     out          -----------(AB)-----(CD)
 *     undisturbed  ABCD
 *
 * Marbles as in marbles.ts: R the Restore, digits the barriers, | the end, # an error; and ! a
 * crash that has ended the attempt.
 */
import { barrier, restore, type StreamElement } from '../../element.ts'
import { type StreamRecord, streamRecord } from '../../record.ts'
import type { MarbleEvent } from '../marbles.ts'
import { type Drawable, render } from '../render.ts'
import { testServices } from '../testServices.ts'
import type { CrashOutputs } from './crashCompare.ts'
import type { CrashEvent, CrashStory } from './crashWorld.ts'

interface Mark {
  readonly time: number
  readonly row: string
  readonly marble: string
}

type Names = Readonly<Record<string, unknown>>

/** @param expected output of the undisturbed run; undefined if it does not matter */
export function crashPicture(story: CrashStory, expected: CrashOutputs | undefined): string {
  const names = legend(story, expected ?? new Map())
  const rows = aligned(marks(story, names))
  for (const [sink, records] of expected ?? []) {
    rows.set(`${sink} undisturbed`, records.map((record) => draw(record, names)).join(''))
  }
  const width = Math.max(...[...rows.keys()].map((name) => name.length)) + 2
  const drawn = [...rows].map(([name, row]) => `${name.padEnd(width)}${row}`)
  const meanings = Object.entries(names).map(([letter, value]) => `${letter} = ${literal(value).slice(1, -1)}`)
  return [...drawn, ...meanings].join('\n')
}

function marks(story: CrashStory, names: Names): readonly Mark[] {
  let attempt = 0
  return story.flatMap(({ time, event }) => {
    if (event.kind === 'job' && event.event.type === 'started') attempt += 1
    const row = event.kind === 'committed' ? event.sink : `attempt ${attempt}`
    return marblesOf(event, names).map((marble) => ({ time, row, marble }))
  })
}

function marblesOf(event: CrashEvent, names: Names): readonly string[] {
  switch (event.kind) {
    case 'read':
      return [draw(streamRecord(event.value, 0, null, [], nowhere, 0), names)]
    case 'committed':
      return event.records.map((record) => draw(record, names))
    case 'crash':
      return ['!']
    case 'job':
      switch (event.event.type) {
        case 'restored':
          return [draw(restore(event.event.checkpoint, new Map(), testServices()), names)]
        case 'checkpoint-triggered':
          return [draw(barrier(event.event.checkpoint), names)]
        case 'finished':
          return ['|']
        case 'failed':
          return ['#']
        default:
          return []
      }
  }
}

const nowhere = { topic: '', partition: 0 }

function draw(value: StreamElement<unknown>, names: Names): string {
  const events: readonly MarbleEvent<Drawable>[] = [{ frame: 0, notification: { kind: 'N', value } }]
  return render(events, 0, names)
}

/** Gives all rows the same columns, as wide as the widest, in the order of time. */
function aligned(all: readonly Mark[]): Map<string, string> {
  const rows = new Map<string, string>()
  const names = [...new Set(all.map(({ row }) => row))]
  const attempts = names.filter((name) => name.startsWith('attempt '))
  for (const name of [...attempts, ...names.filter((name) => !attempts.includes(name))]) rows.set(name, '')
  for (const time of [...new Set(all.map((mark) => mark.time))]) {
    const cells = new Map([...rows.keys()].map((name) => [name, cell(all, name, time)]))
    const width = Math.max(...[...cells.values()].map((text) => text.length)) + 1
    for (const [name, text] of cells) {
      rows.set(name, rows.get(name) + text.padEnd(width, isUnderWay(all, name, time) ? '-' : ' '))
    }
  }
  return new Map([...rows].map(([name, row]) => [name, row.replace(/[- ]+$/, '')]))
}

function cell(all: readonly Mark[], row: string, time: number): string {
  const marbles = all.filter((mark) => mark.row === row && mark.time === time).map(({ marble }) => marble)
  return marbles.length < 2 ? (marbles[0] ?? '') : `(${marbles.join('')})`
}

/** Tells whether a time is between the first and the last event of the row. */
function isUnderWay(all: readonly Mark[], row: string, time: number): boolean {
  const times = all.filter((mark) => mark.row === row).map((mark) => mark.time)
  return Math.min(...times) <= time && time < Math.max(...times)
}

/** Letters for long values: small ones for values read, capitals for values written. */
function legend(story: CrashStory, expected: CrashOutputs): Names {
  const read = story.flatMap(({ event }) => (event.kind === 'read' ? [event.value] : []))
  const written = story.flatMap(({ event }) => (event.kind === 'committed' ? recordValues(event.records) : []))
  const should = [...expected.values()].flatMap(recordValues)
  return {
    ...named(read, 'abcdefghijklmnopqrstuvwxyz'),
    ...named([...should, ...written], 'ABCDEFGHIJKLMNOPQSTUVWXYZ'),
  }
}

const recordValues = (records: readonly StreamRecord<unknown>[]): readonly unknown[] =>
  records.map(({ value }) => value)

/** Letters of values; values beyond the alphabet are drawn in full. */
function named(values: readonly unknown[], letters: string): Names {
  const long = new Map(values.map((value) => [literal(value), value] as const))
  for (const text of long.keys()) if (text.length <= shortEnough) long.delete(text)
  return Object.fromEntries([...long.values()].slice(0, letters.length).map((value, at) => [letters[at], value]))
}

const shortEnough = 8

/** Text as drawn by render. */
function literal(value: unknown): string {
  return draw(streamRecord(value, 0, null, [], nowhere, 0), {})
}
