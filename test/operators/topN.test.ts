import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyBy } from '../../src/operators/keyBy.ts'
import type { KeyedOperator } from '../../src/operators/keyed/keyed.ts'
import { map } from '../../src/operators/map.ts'
import { topN } from '../../src/operators/topN.ts'
import type { Stream } from '../../src/stream.ts'
import { run, testServices } from '../../src/testing/index.ts'
import { noB } from './contract.ts'
import { behavesAsAKeyedOperator, byLetter, type LetterOptions, valuesOf } from './keyedContract.ts'

/** Makes an operator that emits the first of each ranking. */
const firstOf =
  (operator: KeyedOperator<string, string, readonly string[]>): KeyedOperator<string, string, string> =>
  (source) =>
    operator(source).pipe(map(([letter]) => letter as string))

/** Of one key; small letters are keyed apart from capital ones. */
const ranked = (n: number) => (source: Stream<string>) =>
  source.pipe(
    keyBy((letter) => letter < 'a'),
    topN<string, boolean>(n, (a, b) => a.localeCompare(b, 'en', { sensitivity: 'base' }), { id: 'top' }),
    map((ranking) => ranking.join('')),
  )
const play = (picture: string, options: LetterOptions = {}) => valuesOf(run(ranked(2), picture, options).elements)

describe('topN', () => {
  behavesAsAKeyedOperator(
    (options) => firstOf(topN(1, () => -1, options)),
    (options) => firstOf(topN(1, (letter) => (noB(letter) === letter ? -1 : 0), options)),
    () => 'one key',
  )

  it('emits the ranking when it changes, and nothing when it does not', () => {
    expect(play('R-c-d-e-a-1-d-b-|')).toEqual(['c', 'cd', 'ac', 'ab'])
  })

  it('keeps keys apart', () => {
    expect(play('R-c-D-a-B-C-|')).toEqual(['c', 'D', 'ac', 'BD', 'BC'])
  })

  it('ranks the earlier of equal values first, and does not let a later one replace it', () => {
    const words = { 1: 'b1', 2: 'b2', 3: 'b3', 4: 'a4' }
    const byInitial = (source: Stream<string>) =>
      source.pipe(
        keyBy(() => 'k'),
        topN(2, (a: string, b: string) => a.charCodeAt(0) - b.charCodeAt(0), { id: 'top' }),
        map((ranking) => ranking.join(' ')),
      )
    const values = { w: words[1], x: words[2], y: words[3], z: words[4] }
    expect(valuesOf(run(byInitial, 'R-w-x-y-z-|', { values }).elements)).toEqual(['b1', 'b1 b2', 'a4 b1'])
  })

  it('goes on from the checkpoint that it is restored from, and from nothing else', () => {
    const before = run(ranked(2), 'R-d-1-c-2-a-|')
    expect(play('R-b-|', { restoreFrom: before.snapshot(1) })).toEqual(['bd'])
    expect(play('R-b-|', { restoreFrom: before.snapshot(2) })).toEqual(['bc'])
    expect(play('R-b-|')).toEqual(['b'])
  })

  it('leaves the ranking as it was if the function throws and the record is skipped', () => {
    let calls = 0
    const moody = topN<string, string>(
      2,
      (a, b) => {
        if (++calls === 2) throw new Error('not now')
        return a.localeCompare(b)
      },
      { id: 'top', onError: 'skip' },
    )
    const { elements } = run(
      byLetter(moody, () => 'k'),
      'R-b-c-a-d-a-|',
      { services: testServices() },
    )
    expect(valuesOf(elements)).toEqual([['b'], ['b', 'c'], ['a', 'b']])
  })

  it('has the first n of all values of a sort that keeps the order of equal ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 4 }),
        (all, n) => {
          const values = Object.fromEntries(all.map((rank, at) => [String.fromCharCode(0x4e00 + at), { rank, at }]))
          const pipeline = (source: Stream<{ rank: number; at: number }>) =>
            source.pipe(
              keyBy(() => 'k'),
              topN(n, (a, b) => a.rank - b.rank, { id: 'top' }),
            )
          const { elements } = run(pipeline as never, `R${Object.keys(values).join('')}|`, { values: values as never })
          expect(valuesOf(elements as never).at(-1)).toEqual(
            Object.values(values)
              .sort((a, b) => a.rank - b.rank)
              .slice(0, n),
          )
        },
      ),
      { numRuns: 50 },
    )
  })

  it('forgets a ranking that has not changed for the time to live', () => {
    const brief = (source: Stream<string>) =>
      source.pipe(
        keyBy(() => 'k'),
        topN(2, byName, { id: 'top', ttl: 5 }),
        map((ranking) => ranking.join('')),
      )
    expect(valuesOf(run(brief, 'R-a-b-----c-|').elements)).toEqual(['a', 'ab', 'c'])
  })

  it.each([0, -1, 1.5, NaN, undefined as never])('cannot have a ranking of %s', (n) => {
    expect(() => topN(n, byName, { id: 'top' })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', where: { operator: 'top' } }),
    )
  })
})

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
