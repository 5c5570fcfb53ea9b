import { Subject, merge as together } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { barrier, type StreamElement } from '../../src/element.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { split } from '../../src/operators/split.ts'
import { streamRecord } from '../../src/record.ts'
import { asStream, type Stream } from '../../src/stream.ts'
import { cold, run, testServices } from '../../src/testing/index.ts'
import { told } from './told.ts'

type Letters = Stream<string>

const isUpper = (letter: string): boolean => letter < 'a'
const isVowel = (letter: string): boolean => 'aeiouAEIOU'.includes(letter)
const named = (name: string) => map((letter: string) => `${letter} ${name}`)

/** Says which branch each letter has come from. */
function threeWays(letters: Letters): Letters {
  const { upper, vowels, rest } = split(letters, { upper: isUpper, vowels: isVowel })
  return merge(upper.pipe(named('upper')), vowels.pipe(named('vowel')), rest.pipe(named('rest')))
}

/** Without `rest`. */
const twoWays = (options?: Parameters<typeof split>[2]) => (letters: Letters) => {
  const { upper, vowels } = split(letters, { upper: isUpper, vowels: isVowel }, options)
  return merge(upper, vowels)
}

describe('split', () => {
  it('sends each record to the first branch whose test holds, or to the rest', () => {
    expect(told(run(threeWays, 'RaBxAc|').elements)).toBe('a vowel@1 B upper@2 x rest@3 A upper@4 c rest@5')
  })

  it('sends all other elements to each branch, and reads its input once', () => {
    const each = (letters: Letters) => {
      const { upper, rest } = split(letters, { upper: isUpper })
      return together(upper, rest)
    }
    const result = run(each, 'R---a-W---<idle>---------1---B-|')
    expect(result.marbles).toBe('(RR)a-(WW)(<idle><idle>)-(11)B-|')
    expect(result.subscriptions).toEqual([`^${'-'.repeat(30)}!`])
  })

  it('hands the same elements on, so that branches may meet again', () => {
    const { elements } = run(threeWays, 'R-a-1-|', { values: { a: 'a' } })
    expect(elements.filter(({ kind }) => kind === 'barrier')).toEqual([barrier(1)])
  })

  it('keeps keys, times and places', () => {
    const keyed = (letters: Letters) => {
      const { upper, rest } = split(letters.pipe(keyBy((letter) => letter.toLowerCase())), { upper: isUpper })
      return merge(upper, rest)
    }
    const split1 = { topic: 'marbles', partition: 0 }
    expect(run(keyed, 'R-A|').elements[1]).toEqual(streamRecord('A', 2, 'a', [], split1, 0))
  })

  it('errors in all branches with the error of its input, completes with it, and leaves it', () => {
    const error = new Error('of the source')
    const each = (letters: Letters) => {
      const { upper, rest } = split(letters, { upper: isUpper })
      const ends: string[] = []
      upper.subscribe({ error: (e) => ends.push(`upper ${e.message}`), complete: () => ends.push('upper') })
      rest.subscribe({ error: (e) => ends.push(`rest ${e.message}`), complete: () => ends.push('rest') })
      return ends
    }
    const source = new Subject<StreamElement<string>>()
    const failing = each(asStream(source))
    source.error(error)
    expect(failing).toEqual(['upper of the source', 'rest of the source'])
    expect(each(cold('|'))).toEqual(['upper', 'rest'])
    expect(run(threeWays, 'R-a-b', { unsubscribe: '---!' })).toMatchObject({
      marbles: 'R-<"a vowel">'.padEnd(13, '-'),
      subscriptions: ['^--!'],
    })
  })

  it('takes a record of no branch for a bad one if nobody reads the rest', () => {
    expect(run(twoWays(), 'R-A-x')).toMatchObject({
      marbles: 'R-A-#',
      error: { code: 'NO_BRANCH', badRecord: true, where: { operator: 'split', topic: 'marbles', offset: 1 } },
    })
    const services = testServices()
    expect(run(twoWays({ onError: 'skip' }), 'R-A-x-a-|', { services }).marbles).toBe('R-A---a-|')
    expect(services.skipped).toMatchObject([
      { record: { value: 'x' }, operator: 'split', error: { code: 'NO_BRANCH' } },
    ])
  })

  it('ends the job before its first record if nobody reads a branch', () => {
    const unused = (letters: Letters) => split(letters, { upper: isUpper, vowels: isVowel }).upper
    const result = run(unused, 'R-A')
    expect(result.marbles).toBe('#')
    expect(result.error).toMatchObject({ code: 'UNUSED_BRANCH', message: expect.stringContaining('"vowels"') })
  })

  it('lets a test that throws be the fault of the record', () => {
    const throwing = (letters: Letters) => {
      const { odd, rest } = split(
        letters,
        {
          odd(letter, { offset }) {
            if (letter === 'x') throw new RangeError('no x')
            return offset % 2 === 1
          },
        },
        { onError: 'skip' },
      )
      return merge(odd.pipe(named('odd')), rest)
    }
    const services = testServices()
    expect(told(run(throwing, 'Rabxd', { services }).elements)).toBe('a@1 b odd@2 d odd@4')
    expect(services.skipped).toMatchObject([{ error: { code: 'OPERATOR_FAILED' } }])
  })

  it('refuses names that it cannot keep', () => {
    for (const name of ['rest', '1']) {
      const branches = { [name]: isUpper }
      expect(() => split(cold('R'), branches as { upper: typeof isUpper })).toThrow(
        expect.objectContaining({ code: 'BAD_OPTION' }),
      )
    }
  })
})

describe('the branches of split', () => {
  type Payment = { kind: 'card'; card: string } | { kind: 'cash' } | { kind: 'cheque'; bank: string }
  const payments = cold<Payment>('R').pipe(keyBy(({ kind }) => kind.length))
  type Of<V> = Stream<V, number>

  it('have what their type guards say, and rest what is left', () => {
    const isCash = (payment: Payment): payment is { kind: 'cash' } => payment.kind === 'cash'
    const { cards, cash, rest } = split(payments, { cards: (payment) => payment.kind === 'card', cash: isCash })
    expectTypeOf(cards).toEqualTypeOf<Of<{ kind: 'card'; card: string }>>()
    expectTypeOf(cash).toEqualTypeOf<Of<{ kind: 'cash' }>>()
    expectTypeOf(rest).toEqualTypeOf<Of<{ kind: 'cheque'; bank: string }>>()
  })

  it('have any value if the test is no type guard', () => {
    const { long, rest } = split(payments, { long: ({ kind }, { key }) => kind.length > 4 && key > 4 })
    expectTypeOf(long).toEqualTypeOf<Of<Payment>>()
    expectTypeOf(rest).toEqualTypeOf<Of<Payment>>()
  })

  it('are those that were named, with tests of what the stream has', () => {
    const streams = split(payments, { cards: ({ kind }) => kind === 'card' })
    // @ts-expect-error: there is no such branch
    streams.cash
    // @ts-expect-error: no payment is that
    split(payments, { gold: ({ kind }) => kind === 'gold' })
    // @ts-expect-error: strings are no payments
    split(payments, { long: (text: string) => text.length > 4 })
    // @ts-expect-error: rest is what no branch takes
    expect(() => split(payments, { rest: () => true })).toThrow()
  })
})
