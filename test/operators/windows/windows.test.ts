/** What windows give, as pictures: a frame is a millisecond of event time, W the watermark of its frame, and X stands for the letters aA. */
import { describe, expect, it } from 'vitest'
import type { StreamElement } from '../../../src/element.ts'
import {
  globalWindow,
  type KeyedOperator,
  keyBy,
  onCount,
  type SessionAggregator,
  session,
  sliding,
  tumbling,
  window,
} from '../../../src/index.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { type RunOptions, run } from '../../../src/testing/index.ts'

const options = { id: 'w' }
const values = { X: 'aA' }
/** All letters, in the order in which they came. */
const word: SessionAggregator<string, string, string, string> = {
  create: () => '',
  add: (letters, letter) => letters + letter,
  merge: (a, b) => a + b,
  result: (letters) => letters,
}

/** By letter: a and A are of one key. */
function play<R>(
  operator: KeyedOperator<string, string, R>,
  picture: string,
  more?: Pick<RunOptions, 'unsubscribe' | 'error'>,
) {
  const keys = keyBy((letter: string) => letter.toLowerCase())
  return run((input) => input.pipe(keys, operator), picture, { ...more, values })
}

function records<R>(elements: readonly StreamElement<R>[]): readonly StreamRecord<R>[] {
  return elements.filter((element): element is StreamRecord<R> => element.kind === 'record')
}

describe('a tumbling window', () => {
  const words = window(tumbling(10)).aggregate(word, options)

  it('gives one result for each key when the watermark reaches its last millisecond, and none before', () => {
    const input = 'R-a-bA--WW----W---|'
    const given = 'R-------W(XbW)W---|'
    expect(play(words, input).marbles).toBe(given)
  })

  it('leaves the records of later windows where they are', () => {
    const input = 'R-a-------A--W-----W|'
    const given = 'R------------(aW)--(AW)|'
    expect(play(words, input).marbles).toBe(given)
  })

  it('gives results in the order of their times, whatever the order of records and keys', () => {
    const input = 'R-c--------b---------a---W|'
    const given = 'R------------------------(cbW)|'
    expect(play(words, input).marbles).toBe(given)
  })

  it('gives what is left when the input has ended, before that is told', () => {
    const input = 'R-a---------b-<watermark Infinity>|'
    const given = 'R-------------(ab<watermark Infinity>)|'
    expect(play(words, input).marbles).toBe(given)
  })

  it('gives nothing if the input completes and no watermark says that nothing more comes', () => {
    expect(play(words, 'R-a-|').marbles).toBe('R---|')
    expect(play(words, 'R-|').marbles).toBe('R-|')
    expect(play(words, '|').marbles).toBe('|')
  })

  it('errors with its input, and leaves it when it is left', () => {
    const error = new Error('of the source')
    const failed = play(words, 'R-a-#', { error })
    expect([failed.marbles, failed.error]).toEqual(['R---#', error])
    const left = play(words, 'R-a--------W', { unsubscribe: '----!' })
    expect([left.marbles, left.subscriptions]).toEqual(['R-----------', ['^---!']])
  })

  it('lets barriers, idleness and watermarks pass in their place', () => {
    const input = 'R-a-1W-b-2<idle>W-----3|'
    const given = 'R---1W---2<idle>(abW)-3|'
    expect(play(words, input).marbles).toBe(given)
  })
})

describe('the result of a window', () => {
  it('has the key, the last millisecond of the window, the operator as its place, and no headers', () => {
    const { elements } = play(
      window(tumbling(10)).reduce((a, b) => a + b, options),
      'R-a-A----W|',
    )
    expect(records(elements)).toEqual([
      {
        ...{ kind: 'record', value: 'aA', timestamp: 9, key: 'a', headers: [] },
        ...{ split: { topic: 'w', partition: 0 }, offset: -1, writtenTime: 4 },
      },
    ])
  })

  it('may be made of the key and the window too', () => {
    const { elements } = play(
      window(tumbling(10, { offset: 4 })).process((letters, about) => ({ letters, ...about }), options),
      'R-a-A-b-------W|',
    )
    expect(records(elements).map(({ value }) => value)).toEqual([
      { letters: ['a'], key: 'a', window: { start: -6, end: 4 } },
      { letters: ['A'], key: 'a', window: { start: 4, end: 14 } },
      { letters: ['b'], key: 'b', window: { start: 4, end: 14 } },
    ])
  })
})

describe('a sliding window', () => {
  it('has records in common with others', () => {
    const words = window(sliding(10, 5)).aggregate(word, options)
    const input = 'Ra---W-A-W----W|'
    const given = 'R----(aW)(XW)-(AW)|'
    expect(play(words, input).marbles).toBe(given)
  })

  it('forgets what comes between two windows, where they have gaps, while it is not late', () => {
    const words = window(sliding(3, 10)).aggregate(word, options)
    const input = 'R-a-b-a---A---W|'
    const given = 'R-------------(aAW)|'
    expect(play(words, input).marbles).toBe(given)
  })
})

describe('a session window', () => {
  const words = window(session(5)).aggregate(word, options)

  it('ends one gap after its last record', () => {
    const input = 'R-a--A--WW----|'
    const given = 'R-------W(XW)-|'
    expect(play(words, input).marbles).toBe(given)
  })

  it('takes a record that is one gap after its last one, and not one that is later still', () => {
    const input = 'R-a----AW--W---W|'
    const given = 'R-------W--(XW)W|'
    expect(play(words, input).marbles).toBe(given)
    const later = 'R-a-----AW---W--|'
    const twoSessions = 'R--------(aW)(AW)|'
    expect(play(words, later).marbles).toBe(twoSessions)
  })
})

describe('the global window', () => {
  it('is all there is of a key; at each n-th record it gives that, at the time of the record, and begins anew', () => {
    const words = window(globalWindow(), { trigger: onCount(2) }).aggregate(word, options)
    const input = 'R-a-b-AW-a-B------A-|'
    const given = 'R-----XW---<"bB">-X-|'
    const out = play(words, input)
    expect(out.marbles).toBe(given)
    expect(records(out.elements).map(({ timestamp }) => timestamp)).toEqual([6, 11, 18])
  })
})
