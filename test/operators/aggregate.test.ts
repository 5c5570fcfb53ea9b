import { describe, expect, it } from 'vitest'
import { aggregate } from '../../src/operators/aggregate.ts'
import { run } from '../../src/testing/index.ts'
import { noB } from './contract.ts'
import { behavesAsAKeyedOperator, byLetter, type LetterOptions, valuesOf } from './keyedContract.ts'

describe('aggregate', () => {
  const last = { create: () => '', add: (_: string, letter: string) => letter, result: (letter: string) => letter }
  behavesAsAKeyedOperator(
    (options) => aggregate(last, options),
    (options) => aggregate({ ...last, add: (_, letter) => noB(letter) }, options),
  )

  const counted = byLetter(
    aggregate(
      {
        create: () => ({ count: 0 }),
        add(accumulator, letter: string) {
          accumulator.count += 1
          return { ...accumulator, letter }
        },
        result: ({ count }) => count * 10,
      },
      { id: 'counted' },
    ),
  )
  const seen = (picture: string, options: LetterOptions = {}) => valuesOf(run(counted, picture, options).elements)

  it('emits what the accumulator of the key comes to', () => {
    expect(seen('R-a-b-1-a-|')).toEqual([10, 10, 20])
  })

  it('continues from the checkpoint that it is restored from', () => {
    const before = run(counted, 'R-a-1-a-2-|')
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(1) })).toEqual([20, 10])
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(2) })).toEqual([30, 10])
  })

  it.each(['add', 'result'] as const)(
    'leaves the accumulator as it was where %s throws and the record is skipped',
    (part) => {
      let calls = 0
      const throwAtTwo = (): void => {
        if (++calls === 2) throw new Error('not now')
      }
      const moody = aggregate(
        {
          create: () => 0,
          add(count: number, _letter: string) {
            if (part === 'add') throwAtTwo()
            return count + 1
          },
          result(count) {
            if (part === 'result') throwAtTwo()
            return count
          },
        },
        { id: 'moody', onError: 'skip' },
      )
      expect(valuesOf(run(byLetter(moody), 'R-a-a-1-a-|').elements)).toEqual([1, 2])
    },
  )

  it('takes null for an accumulator', () => {
    const found: unknown[] = []
    const nulls = aggregate(
      {
        create: () => 'new' as string | null,
        add(before, _letter: string) {
          found.push(before)
          return null
        },
        result: () => 'x',
      },
      { id: 'nulls' },
    )
    run(byLetter(nulls), 'R-a-a-|')
    expect(found).toEqual(['new', null])
  })
})
