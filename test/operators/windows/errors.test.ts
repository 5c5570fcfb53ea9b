/** What goes wrong with windows, what is said of it, and what goes on. */
import { describe, expect, it } from 'vitest'
import type { OnError } from '../../../src/attempt.ts'
import type { StreamElement } from '../../../src/element.ts'
import {
  early,
  FatalError,
  globalWindow,
  type KeyedOperator,
  keyBy,
  onCount,
  RetriableError,
  session,
  sliding,
  tumbling,
  type WindowAggregator,
  window,
} from '../../../src/index.ts'
import { streamRecord } from '../../../src/record.ts'
import { run, runInTime, testServices } from '../../../src/testing/index.ts'

const options = { id: 'w' }
const skip = { ...options, onError: 'skip' as OnError }
const keys = keyBy((letter: string) => letter.toLowerCase())

function noB(letter: string): string {
  if (letter === 'b') throw new RangeError('no b')
  return letter
}

const word: WindowAggregator<string, string, string, string> = {
  create: () => '',
  add: (letters, letter) => letters + noB(letter),
  result: (letters) => letters,
}

function play(operator: KeyedOperator<string, string, string>, picture: string, values = {}) {
  const services = testServices()
  const out = run((input) => input.pipe(keys, operator), picture, { services, values })
  return { ...out, services }
}

const refused = (what: string, where: object = {}): unknown =>
  expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining(what), where })

describe('window refuses', () => {
  it('a lateness that is no time', () => {
    for (const allowedLateness of [-1, 0.5, NaN, Infinity]) {
      expect(() => window(tumbling(10), { allowedLateness })).toThrow(
        refused(`allowedLateness is ${allowedLateness}`, { operator: 'window' }),
      )
    }
  })

  it('the global window without a count', () => {
    // @ts-expect-error: the types refuse it too
    expect(() => window(globalWindow(), { trigger: early(5) })).toThrow(
      refused('no count trigger', { operator: 'window' }),
    )
  })

  it('sessions whose aggregator cannot merge', () => {
    // @ts-expect-error: the types refuse it too
    expect(() => window(session(10)).aggregate(word, options)).toThrow(refused('no function merge', { operator: 'w' }))
  })

  it('a version that is none, before anything runs', () => {
    for (const version of [0, 1.5]) {
      const wrong = { ...options, version }
      const make = [
        () => window(tumbling(10)).aggregate(word, wrong),
        () => window(tumbling(10)).reduce<string, string>((a) => a, wrong),
        () => window(tumbling(10)).process<string, string, string>(() => '', wrong),
      ]
      for (const made of make) expect(made).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    }
  })
})

describe('a function that throws at a record', () => {
  it('ends the attempt, at the place that the record was read from', () => {
    const { marbles, error } = play(window(tumbling(10)).aggregate(word, options), 'R-a-b-|')
    expect(marbles).toBe('R---#')
    expect(error).toMatchObject({
      ...{ code: 'OPERATOR_FAILED', consequence: 'fatal', badRecord: true },
      ...{ where: { operator: 'w', topic: 'marbles', partition: 0, offset: 1 }, cause: { message: 'no b' } },
    })
  })

  it('is no reason to end if records may be left out, and then no window has the record', () => {
    const fussy = {
      ...word,
      add: (letters: string, letter: string) => letters + (letters === '' ? letter : noB(letter)),
    }
    // Of the two windows of B the one that is asked first has nothing in it yet, and would take it.
    const { marbles, services } = play(window(sliding(10, 5)).aggregate(fussy, skip), 'Rb----b-<watermark 99>|')
    expect(marbles).toBe('R-------(bb<watermark 99>)|')
    expect(services.skipped.map(({ record }) => record.offset)).toEqual([1])
  })

  it('leaves sessions apart that the record would have merged', () => {
    const merging = { ...word, add: (a: string, b: string) => a + b, merge: () => noB('b') }
    const between = streamRecord('a', 5, null, [], { topic: 't', partition: 0 }, 9)
    const { marbles, services } = play(window(session(3)).aggregate(merging, skip), 'R-a----A--L<watermark 99>|', {
      L: between,
    })
    expect(marbles).toBe('R----------(aA<watermark 99>)|')
    expect(services.skipped.map(({ record }) => record.offset)).toEqual([9])
  })
})

describe('a function that throws at a result', () => {
  const failing: WindowAggregator<string, string, string, string> = {
    ...word,
    add: (letters, letter) => letters + letter,
    result: noB,
  }
  const expected = {
    ...{ code: 'OPERATOR_FAILED', consequence: 'fatal', badRecord: false, where: { operator: 'w' } },
    ...{ cause: { message: 'no b' } },
  }

  it('ends the attempt and tells the window, but not the key', () => {
    const { marbles, error } = play(window(tumbling(10)).aggregate(failing, options), 'R-b-------W|')
    expect(marbles).toBe('R---------#')
    expect(error).toMatchObject(expected)
    expect((error as Error).message).toContain('w threw RangeError at the window [0, 10): no b (operator w)')
  })

  it('blames no record, whatever becomes of bad ones', () => {
    const late = window(tumbling(10), { allowedLateness: 50 }).aggregate(failing, skip)
    const { marbles, error, services } = play(late, 'R-<watermark 9>b|', {
      b: streamRecord('b', 3, null, [], { topic: 't', partition: 0 }, 0),
    })
    expect([marbles, services.skipped]).toEqual(['R-<watermark 9>#', []])
    expect(error).toMatchObject(expected)
    const counting = play(window(globalWindow(), { trigger: onCount(1) }).aggregate(failing, skip), 'R-b-|')
    expect([counting.marbles, counting.services.skipped]).toEqual(['R-#', []])
    expect(counting.error).toMatchObject(expected)
  })

  it('ends the attempt when the clock has asked for it too', async () => {
    const operator = window(tumbling(10), { trigger: early(3) }).aggregate(failing, options)
    const { marbles, error } = await runInTime((input) => input.pipe(keys, operator), 'R-b-----')
    expect(marbles).toBe('R----#')
    expect(error).toMatchObject(expected)
  })

  it('means what it says where it throws an error of rxweft', () => {
    const error = new RetriableError('NOT_YET', 'try again')
    const operator = window(tumbling(10)).process<string, string, string>(() => {
      throw error
    }, options)
    expect(play(operator, 'R-b-------W|').error).toBe(error)
  })
})

describe('a record', () => {
  it('whose time no window can be counted from is bad', () => {
    const times = [
      NaN,
      Infinity,
      -Infinity,
      1e300,
      2 ** 53,
      -(2 ** 53),
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ]
    const windows = [window(tumbling(1_000)), window(sliding(1_000, 1))]
    const operators = [
      ...windows.map((all) => all.aggregate(word, options)),
      window(session(1_000)).reduce<string, string>((a, b) => a + b, options),
    ]
    for (const [at, operator] of operators.entries()) {
      for (const time of times) {
        // A session has only to end somewhere.
        if (time === Number.MIN_SAFE_INTEGER && at === 2) continue
        const { marbles, error } = play(operator, 'Rx|', {
          x: streamRecord('a', time, null, [], { topic: 't', partition: 2 }, 7),
        })
        expect(marbles).toBe('R#')
        expect(error).toMatchObject({
          ...{ code: 'BAD_TIMESTAMP', badRecord: true },
          where: { operator: 'w', topic: 't', partition: 2, offset: 7 },
        })
        expect(error).toBeInstanceOf(FatalError)
      }
    }
  })

  it('may have any time for the global window', () => {
    const operator = window(globalWindow(), { trigger: onCount(1) }).aggregate(word, options)
    const x: StreamElement<string> = streamRecord('a', 2 ** 60, null, [], { topic: 't', partition: 0 }, 0)
    expect(play(operator, 'Rx|', { x }).marbles).toBe('Ra|')
  })

  it('needs a key', () => {
    const { error } = run(window(tumbling(10)).aggregate(word, options) as never, 'R-a-|')
    expect(error).toMatchObject({ code: 'NO_KEY', badRecord: true })
  })
})
