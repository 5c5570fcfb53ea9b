import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { barrier, idle, watermark } from '../../src/element.ts'
import { streamRecord } from '../../src/record.ts'
import { cold, parse, render, testServices } from '../../src/testing/index.ts'

const services = testServices()
const split = { topic: 'marbles', partition: 0 }
const frames = (picture: string) => parse(picture).events.map(({ frame }) => frame)
const elements = (picture: string, options = {}) =>
  parse(picture, options).events.map(({ notification }) =>
    notification.kind === 'N' ? notification.value : notification.kind,
  )

describe('a marble picture', () => {
  it('makes records with the frame as timestamp and counting offsets', () => {
    expect(elements('-a-b')).toEqual([
      streamRecord('a', 1, null, [], split, 0),
      streamRecord('b', 3, null, [], split, 1),
    ])
  })

  it('makes barriers of digits, a Restore of R, and knows when the stream ends', () => {
    expect(elements('R-1-|', { services, states: { count: 3 } })).toEqual([
      { kind: 'restore', checkpoint: 0, states: new Map([['count', 3]]), services },
      barrier(1),
      'C',
    ])
    expect(elements('-#')).toEqual(['E'])
  })

  it('takes values and elements from `values`, before any other meaning of the sign', () => {
    const values = { a: 42, W: watermark(5), R: 'r', 1: 'one' }
    expect(
      elements('aWR1', { values }).map((element) =>
        typeof element === 'string' ? element : Object.values(element)[1],
      ),
    ).toEqual([42, 5, 'r', 'one'])
  })

  it('reads what has no letter between < and >', () => {
    expect(elements('<{"id": 7}>').map((e) => typeof e !== 'string' && e.kind === 'record' && e.value)).toEqual([
      { id: 7 },
    ])
    expect(elements('<barrier 12><watermark -5><watermark Infinity><idle>')).toEqual([
      barrier(12),
      watermark(-5),
      watermark(Infinity),
      idle,
    ])
  })

  it('counts columns as frames, groups as one, and spaces as none', () => {
    expect(frames('a-b')).toEqual([0, 2])
    expect(frames('-(ab)c')).toEqual([1, 1, 5])
    expect(frames('  a - b')).toEqual([0, 2])
    expect(frames('<42>a')).toEqual([0, 4])
    expect(parse('--<42>--').frames).toBe(8)
  })

  it.each(['?', '<', '<{>', '<watermark>', '<>'])('refuses %s, and shows the picture', (marble) => {
    expect(() => parse(`a-${marble}`)).toThrow(
      expect.objectContaining({ code: 'BAD_MARBLES', message: expect.stringContaining(`a-${marble}`) }),
    )
  })

  it('is drawn again as it was read', () => {
    const parts = [
      '-',
      'a',
      'B',
      '1',
      'R',
      '<42>',
      '<"a long \\u003e text">',
      '<watermark 500>',
      '<idle>',
      '<barrier 12>',
      '(ab)',
      '(c1)',
    ]
    const picture = fc
      .tuple(fc.array(fc.constantFrom(...parts)), fc.constantFrom('', '|', '#'))
      .map(([body, end]) => body.join('') + end)
    fc.assert(
      fc.property(picture, (drawn) => {
        const { events, frames: length } = parse(drawn)
        expect(render(events, length)).toBe(drawn)
      }),
    )
  })
})

describe('render', () => {
  it('prefers the name that the value has among the values', () => {
    const { events } = parse('<1>-<2>-b')
    expect(render(events, 0, { x: 1, b: 9 })).toBe('x---<2>-<"b">')
  })

  it('pushes to the right what has no room', () => {
    const record = streamRecord('a', 0, null, [], split, 0)
    const next = (frame: number) => ({ frame, notification: { kind: 'N' as const, value: record } })
    expect(render([next(0), next(0), next(1), next(9)])).toBe('(aa)a----a')
  })

  it('draws values that JSON cannot say', () => {
    const draw = (value: unknown) =>
      render([{ frame: 0, notification: { kind: 'N', value: streamRecord(value, 0, null, [], split, 0) } }])
    expect([draw(undefined), draw(10n)]).toEqual(['<"undefined">', '<"10">'])
  })

  it('draws a letter as a value if it means something else', () => {
    const { events } = parse('<"R">-<"b">-<"ab">')
    expect(render(events, 0, { b: 1 })).toBe('<"R">-<"b">-<"ab">')
  })

  it('draws a committable as the number of its checkpoint', () => {
    const committable = {
      kind: 'committable' as const,
      checkpoint: 3,
      sink: 's',
      handle: null,
      positions: [],
      states: [],
    }
    expect(render([{ frame: 2, notification: { kind: 'N', value: committable } }], 5)).toBe('--3--')
  })
})

describe('cold', () => {
  const outcome = (picture: string) => {
    const seen: string[] = []
    cold(picture).subscribe({
      next: ({ kind }) => seen.push(kind),
      error: () => seen.push('#'),
      complete: () => seen.push('|'),
    })
    return seen
  }

  it('emits the picture at once to each subscriber', () => {
    expect(outcome('Ra1|')).toEqual(['restore', 'record', 'barrier', '|'])
    expect(outcome('a#')).toEqual(['record', '#'])
  })

  it('stays open if the picture does not end', () => {
    expect(outcome('a')).toEqual(['record'])
  })
})
