import { describe, expect, it } from 'vitest'
import { reduce } from '../../src/operators/reduce.ts'
import { run } from '../../src/testing/index.ts'
import { noB } from './contract.ts'
import { behavesAsAKeyedOperator, byLetter, type LetterOptions, valuesOf } from './keyedContract.ts'

describe('reduce', () => {
  behavesAsAKeyedOperator(
    (options) => reduce((_, letter) => letter, options),
    (options) => reduce((_, letter) => noB(letter), options),
    // The first of a key is taken as it is.
    () => 'the same key',
  )

  const joined = byLetter(reduce((before: string, letter: string) => `${before}+${letter}`, { id: 'joined' }))
  const seen = (picture: string, options: LetterOptions = {}) => valuesOf(run(joined, picture, options).elements)

  it('begins with the first value of each key, and goes on', () => {
    expect(seen('R-a-b-1-a-a-b-|')).toEqual(['a', 'b', 'a+a', 'a+a+a', 'b+b'])
  })

  it('goes on from the checkpoint that it is restored from', () => {
    const before = run(joined, 'R-a-1-a-2-|')
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(1) })).toEqual(['a+a', 'b'])
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(2) })).toEqual(['a+a+a', 'b'])
  })

  it('leaves the value as it was where the function throws and the record is skipped', () => {
    let calls = 0
    const moody = reduce(
      (before: string, letter: string) => {
        if (++calls === 1) throw new Error('not now')
        return before + letter
      },
      { id: 'moody', onError: 'skip' },
    )
    expect(valuesOf(run(byLetter(moody), 'R-a-a-a-|').elements)).toEqual(['a', 'aa'])
  })
})
