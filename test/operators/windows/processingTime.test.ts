/** Windows by the clock. A frame is a millisecond of event time, which decides nothing here. */
import { describe, expect, it } from 'vitest'
import { watermark } from '../../../src/element.ts'
import {
  type FixedWindows,
  keyBy,
  processingTime,
  type Stream,
  session,
  sliding,
  tumbling,
  window,
} from '../../../src/index.ts'
import { streamRecord } from '../../../src/record.ts'
import { virtualClock } from '../../../src/testing/index.ts'
import { told } from '../told.ts'
import { liveEntries } from './liveEntries.ts'
import { type Player, player, type Said } from './player.ts'

const zero = 1_000_000

/** Words of one letter each; capital ones are of another key. Starts at a full ten ms. */
function words(windows: FixedWindows = tumbling(10), clock = virtualClock(zero)): Player<string, string, never> {
  const operator = (source: Stream<string>) =>
    source.pipe(
      keyBy((letter) => letter < 'a'),
      window(processingTime(windows)).process((all, about) => `${all.join('')} ${about.window.start - zero}`, {
        id: 'w',
      }),
    )
  return player(() => ({ operator: operator as never }), clock)
}

const record = (letter: string, timestamp = 5) =>
  streamRecord(letter, timestamp, null, [], { topic: 't', partition: 0 }, 0)
const shown = (said: readonly Said<string, never>[]) =>
  told(said.map(({ element }) => element)).replaceAll(/@100/g, '@')

describe('windows of processing time', () => {
  it('emit when the clock reaches their end, whatever the timestamps', () => {
    const { play, pass } = words()
    expect(shown([...play(record('a', 7)), ...pass(9), ...play(record('b', 3)), ...play(record('A'))])).toBe('')
    expect(shown(pass(1))).toBe('ab 0@0009 A 0@0009')
    expect(shown(play(record('c')))).toBe('')
    expect(shown(pass(10))).toBe('c 10@0019')
  })

  it('take no notice of watermarks: no record is late', () => {
    const { play, pass } = words()
    play(watermark(99))
    play(record('a', 7))
    expect(shown([...play(watermark(2_000_000)), ...pass(10)])).toBe('W2000000 a 0@0009')
  })

  it('may overlap', () => {
    const { play, pass } = words(sliding(10, 5))
    play(record('a'))
    pass(5)
    play(record('b'))
    expect(shown(pass(5))).toBe('ab 0@0009')
    expect(shown(pass(5))).toBe('b 5@0014')
    expect(shown(pass(50))).toBe('')
  })

  it('go on after a restart with what they had at the barrier', () => {
    const test = words()
    test.play(record('a'))
    const stored = test.checkpoint()()
    test.play(record('b'))
    test.restart(stored)
    test.play(record('c'))
    expect(shown(test.pass(10))).toBe('ac 0@0009')
    const empty = test.checkpoint()()
    test.restart(empty)
    expect(shown(test.pass(100))).toBe('')
  })

  it('emit at once after a restart if the clock has passed their end', () => {
    const test = words()
    test.play(record('a'))
    const stored = test.checkpoint()()
    test.restart(null)
    test.pass(25)
    test.restart(stored)
    expect(shown([...test.pass(0), ...test.play(record('b'))])).toBe('a 0@0009')
    expect(shown(test.pass(5))).toBe('b 20@0029')
  })

  it('emit at the end of the input, before its watermark, and only once', () => {
    const { play, pass, checkpoint } = words(sliding(10, 5))
    play(record('a'))
    play(record('A'))
    expect(shown(play(watermark(Infinity)))).toBe('a -5@0004 a 0@0009 A -5@0004 A 0@0009 WInfinity')
    expect(liveEntries(checkpoint()(), 'w')).toEqual({ 'value:arrivals': 1 })
    expect(shown(pass(100))).toBe('')
  })

  it('are made of windows of one size only, and take no option', () => {
    expect(() => processingTime(session(5) as never)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    const given = () => window(processingTime(tumbling(5)) as never, { allowedLateness: 5 } as never)
    expect(given).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })
})
