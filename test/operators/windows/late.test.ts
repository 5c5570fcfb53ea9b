/** When records are late, what they still change, and where they go. */
import { describe, expect, it } from 'vitest'
import { barrier, idle, type StreamElement, watermark } from '../../../src/element.ts'
import {
  type FixedWindows,
  keyBy,
  type SessionWindows,
  session,
  sideOutput,
  sliding,
  tumbling,
  window,
} from '../../../src/index.ts'
import { streamRecord } from '../../../src/record.ts'
import { player } from './player.ts'

interface Options {
  readonly allowedLateness?: number
  /** Whether late records go into a side output. */
  readonly side?: boolean
}

/** All records are of one key; a result has all of its window. */
function played(assigner: FixedWindows | SessionWindows, { allowedLateness, side = false }: Options = {}) {
  const playing = player<string, string>(() => {
    const late = side ? sideOutput<string>() : undefined
    const options = { allowedLateness, late }
    const windows = assigner.kind === 'fixed' ? window(assigner, options) : window(assigner, options)
    const operator = windows.reduce<string, string>((a, b) => a + b, { id: 'w' })
    return {
      operator: (input) =>
        input.pipe(
          keyBy(() => 'all'),
          operator,
        ),
      late,
    }
  })
  const values = (element: StreamElement<string>): readonly string[] =>
    playing.play(element).flatMap(({ from, element }) => {
      return element.kind === 'record' ? [from === 'late' ? `late ${element.value}` : element.value] : []
    })
  return {
    /** What comes out because of a record at this time. */
    at: (timestamp: number, value: string) =>
      values(streamRecord(value, timestamp, null, [], { topic: 't', partition: 0 }, 0)),
    mark: (timestamp: number) => values(watermark(timestamp)),
    counted: () => playing.late,
  }
}

describe('a record is late', () => {
  it('from the moment on at which the watermark has reached the last millisecond of its window, and then it is counted', () => {
    const { at, mark, counted } = played(tumbling(10))
    expect([mark(8), at(0, 'a'), mark(9), at(9, 'b'), at(0, 'c'), at(10, 'd')]).toEqual([[], [], ['a'], [], [], []])
    expect([counted(), mark(19)]).toEqual([2, ['d']])
  })

  it('or goes into the side output, if there is one, and is not counted', () => {
    const { at, mark, counted } = played(tumbling(10), { side: true })
    expect([mark(9), at(9, 'a'), at(10, 'b')]).toEqual([[], ['late a'], []])
    expect(counted()).toBe(0)
  })

  it('for all of its windows or for none: what is late for some only is in the others', () => {
    const { at, mark, counted } = played(sliding(10, 5), { side: true })
    expect([mark(9), at(8, 'a'), mark(14), at(8, 'b')]).toEqual([[], [], ['a'], ['late b']])
    expect(counted()).toBe(0)
  })

  it('between two windows once the watermark has reached its time; before that it is forgotten', () => {
    const { at, mark, counted } = played(sliding(3, 10), { allowedLateness: 2 })
    expect([mark(7), at(6, 'a'), counted()]).toEqual([[], [], 0])
    expect([mark(8), at(6, 'b'), counted()]).toEqual([[], [], 1])
  })

  it('but not if a session that is still there takes it', () => {
    const { at, mark, counted } = played(session(10), { side: true })
    expect([at(10, 'a'), mark(15), at(0, 'b'), at(-11, 'c')]).toEqual([[], [], [], ['late c']])
    expect([mark(19), counted()]).toEqual([['ab'], 0])
  })

  it('when its time is no whole number too, for the window that it is in', () => {
    const { at, mark, counted } = played(tumbling(10))
    expect([at(9.5, 'a'), mark(9), at(9.5, 'b'), counted()]).toEqual([[], ['a'], [], 1])
  })
})

describe('within the allowed lateness', () => {
  it('each record gives the window once more, with all that it has', () => {
    const { at, mark, counted } = played(tumbling(10), { allowedLateness: 5 })
    expect([at(1, 'a'), mark(9), at(2, 'b'), at(3, 'c')]).toEqual([[], ['a'], ['ab'], ['abc']])
    expect([mark(13), at(4, 'd'), mark(14), at(5, 'e'), counted()]).toEqual([[], ['abcd'], [], [], 1])
  })

  it('the first record of a window gives it at once', () => {
    const { at, mark } = played(tumbling(10), { allowedLateness: 5 })
    expect([mark(10), at(1, 'a'), mark(13), mark(14)]).toEqual([[], ['a'], [], []])
  })

  it('a session that grows beyond the watermark waits for its new end', () => {
    const { at, mark } = played(session(10), { allowedLateness: 100 })
    expect([at(0, 'a'), mark(9), at(8, 'b'), mark(16), mark(17)]).toEqual([[], ['a'], [], [], ['ab']])
  })

  it('sessions that have been given become one and are given again', () => {
    const { at, mark } = played(session(10), { allowedLateness: 20 })
    expect([at(0, 'a'), at(15, 'b'), mark(24), at(8, 'c')]).toEqual([[], [], ['a', 'b'], ['abc']])
    expect([mark(43), at(8, 'd'), mark(44), at(8, 'e')]).toEqual([[], ['abcd'], [], []])
  })

  it('windows may be kept forever, or nearly', () => {
    const { at, mark } = played(tumbling(10), { allowedLateness: Number.MAX_SAFE_INTEGER })
    expect([at(1, 'a'), mark(9), mark(Number.MAX_SAFE_INTEGER), at(2, 'b')]).toEqual([[], ['a'], [], ['ab']])
  })
})

describe('the late output', () => {
  it('has all that is no record, in its place among the late ones', () => {
    const late = sideOutput<string>()
    const seen: StreamElement<string>[] = []
    late.subscribe((element) => seen.push(element))
    const operator = window(tumbling(10), { late }).reduce<string, string>((a, b) => a + b, { id: 'w' })
    const playing = player<string, string>(() => ({
      operator: (input) =>
        input.pipe(
          keyBy(() => 'all'),
          operator,
        ),
    }))
    const record = streamRecord('a', 3, 'k', [{ name: 'h', value: null }], { topic: 't', partition: 4 }, 5)
    for (const element of [watermark(9), record, idle, barrier(1), watermark(19)]) playing.play(element)
    expect(seen.map(({ kind }) => kind)).toEqual(['restore', 'watermark', 'record', 'idle', 'barrier', 'watermark'])
    expect(seen[2]).toEqual({ ...record, key: 'all' })
  })
})
