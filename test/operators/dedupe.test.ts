import { describe, expect, it } from 'vitest'
import type { StreamElement } from '../../src/element.ts'
import { dedupe } from '../../src/operators/dedupe.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { streamRecord } from '../../src/record.ts'
import { type MarblePipeline, run, testServices } from '../../src/testing/index.ts'
import { noB } from './contract.ts'
import { behavesAsAKeyedOperator, type LetterOptions } from './keyedContract.ts'

describe('dedupe', () => {
  behavesAsAKeyedOperator(
    (options) => dedupe((letter) => letter, 100, options),
    (options) => dedupe((letter) => noB(letter), 100, options),
  )

  type Letters = MarblePipeline<string, StreamElement<string>>
  /** All of one key; a frame is a millisecond. */
  const within =
    (ttl: number): Letters =>
    (source) =>
      source.pipe(
        keyBy(() => 1),
        dedupe((letter) => letter.toLowerCase(), ttl, { id: 'once' }),
      )
  const play = (picture: string, options: LetterOptions = {}) => run(within(10), picture, options)

  it('lets each record pass once', () => {
    expect(play('R-a-b-a-1-A-b-c-|').marbles).toBe('R-a-b---1-----c-|')
  })

  it('counts the time from the first of them on, and lets one of exactly that time pass', () => {
    expect(play('Ra---a-----a--------a').marbles).toBe('Ra---------a---------')
  })

  it('keeps keys apart', () => {
    const byCase: Letters = (source) =>
      source.pipe(
        keyBy((letter) => letter < 'a'),
        dedupe((letter) => letter.toLowerCase(), 10, { id: 'once' }),
      )
    expect(run(byCase, 'R-a-A-a-A-|').marbles).toBe('R-a-A-----|')
  })

  const late = (timestamp: number) => streamRecord('a', timestamp, null, [], { topic: 't', partition: 0 }, 0) as never

  it('takes one that comes late, older than the first, for the same', () => {
    const { marbles } = play('R-----a-L-|', { values: { L: late(1) } })
    expect(marbles).toBe('R-----a---|')
  })

  it('still knows after a restart, however long that took by the clock', () => {
    const before = play('R-a-1-')
    const services = testServices({ restoreFrom: before.snapshot(1) })
    services.clock.advance(7 * 24 * 3_600_000)
    expect(play('Rab-|', { restoreFrom: before.snapshot(1), services }).marbles).toBe('R-b-|')
  })

  it('refuses a value that cannot be a key: the record is to blame', () => {
    const services = testServices({ onError: 'skip' })
    const odd: Letters = (source) =>
      source.pipe(
        keyBy(() => 1),
        dedupe((letter) => (letter === 'b' ? ({} as string) : letter), 10, { id: 'once' }),
      )
    expect(run(odd, 'R-a-b-c-|', { services }).marbles).toBe('R-a---c-|')
    expect(run(odd, 'R-a-b-c-|').error).toMatchObject({
      code: 'NO_KEY',
      where: { operator: 'once', offset: 1 },
      hint: expect.stringContaining('by'),
    })
  })

  it.each([0, -1, NaN, Infinity, undefined as never])('cannot have a time to live of %s', (ttl) => {
    expect(() => dedupe((letter: string) => letter, ttl, { id: 'once' })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', where: { operator: 'once' } }),
    )
  })
})
