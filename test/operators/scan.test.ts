import { describe, expect, it } from 'vitest'
import { scan } from '../../src/operators/scan.ts'
import { run, testServices } from '../../src/testing/index.ts'
import { noB } from './contract.ts'
import { behavesAsAKeyedOperator, byLetter, type LetterOptions, valuesOf } from './keyedContract.ts'

describe('scan', () => {
  behavesAsAKeyedOperator(
    (options) => scan((_, letter) => letter, '', options),
    (options) => scan((_, letter) => noB(letter), '', options),
  )

  const letters = byLetter(scan((before, letter) => before + letter, '', { id: 'letters' }))
  const seen = (picture: string, options: LetterOptions = {}) => valuesOf(run(letters, picture, options).elements)

  it('continues from one state to the next, for each key on its own', () => {
    expect(seen('R-a-b-1-a-2-b-a-|')).toEqual(['a', 'b', 'aa', 'bb', 'aaa'])
  })

  it('continues from the checkpoint that it is restored from, and from nothing else', () => {
    const before = run(letters, 'R-a-1-a-b-2-a-|')
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(1) })).toEqual(['aa', 'b'])
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(2) })).toEqual(['aaa', 'bb'])
    expect(seen('R-a-b-|')).toEqual(['a', 'b'])
  })

  it('continues over several restores', () => {
    const first = run(letters, 'R-a-1-|')
    const second = run(letters, 'R-a-2-b-3-|', { restoreFrom: first.snapshot(1) })
    expect(seen('R-a-b-|', { restoreFrom: second.snapshot(2) })).toEqual(['aaa', 'b'])
    expect(seen('R-a-b-|', { restoreFrom: second.snapshot(3) })).toEqual(['aaa', 'bb'])
  })

  it('begins anew after a state of undefined', () => {
    let calls = 0
    const forgetful = scan(
      (before: string | undefined, letter: string) => (++calls === 2 ? undefined : `${before}${letter}`),
      '-' as string | undefined,
      { id: 'forgetful' },
    )
    expect(valuesOf(run(byLetter(forgetful), 'R-a-a-a-a-|').elements)).toEqual(['-a', undefined, '-a', '-aa'])
  })

  it('leaves the state as it was if the function throws and the record is skipped', () => {
    let calls = 0
    const moody = scan(
      (before: string, letter: string) => {
        if (++calls === 2) throw new Error('not now')
        return before + letter
      },
      '',
      { id: 'letters', onError: 'skip' },
    )
    const result = run(byLetter(moody), 'R-a-a-1-a-|', { services: testServices() })
    expect(valuesOf(result.elements)).toEqual(['a', 'aa'])
    expect(seen('R-a-|', { restoreFrom: result.snapshot(1) })).toEqual(['aa'])
  })

  it('makes a first state for each key if the seed is a function, so that it may be changed in place', () => {
    const collect = scan(
      (all: string[], letter: string) => {
        all.push(letter)
        return all
      },
      () => [],
      { id: 'collect' },
    )
    const first = run(byLetter(collect), 'R-a-b-1-a-2-a-|')
    const second = run(byLetter(collect), 'R-a-b-|', { restoreFrom: first.snapshot(1) })
    expect(valuesOf(second.elements)).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ])
  })

  it('takes null for a state, and undefined for none', () => {
    const states: unknown[] = []
    const note = (...answers: readonly (string | null | undefined)[]) => {
      const left = [...answers]
      return scan(
        (before: string | null | undefined, _letter: string) => {
          states.push(before)
          return left.shift()
        },
        'seed' as string | null | undefined,
        { id: 'note' },
      )
    }
    const first = run(byLetter(note(null, null, undefined, 'x')), 'R-a-a-1-a-2-a-3-|')
    expect(states.splice(0)).toEqual(['seed', null, null, 'seed'])
    for (const checkpoint of [1, 2, 3]) {
      run(byLetter(note('y')), 'R-a-|', { restoreFrom: first.snapshot(checkpoint) })
    }
    expect(states).toEqual([null, 'seed', 'x'])
  })
})

describe('scan without a seed', () => {
  behavesAsAKeyedOperator(
    (options) => scan((_: string, letter: string) => letter, options),
    (options) => scan((_: string, letter: string) => noB(letter), options),
    // The first of a key is taken as it is.
    () => 'the same key',
  )

  const joined = byLetter(scan((before: string, letter: string) => `${before}+${letter}`, { id: 'joined' }))
  const seen = (picture: string, options: LetterOptions = {}) => valuesOf(run(joined, picture, options).elements)

  it('begins with the first value of each key, and continues', () => {
    expect(seen('R-a-b-1-a-a-b-|')).toEqual(['a', 'b', 'a+a', 'a+a+a', 'b+b'])
  })

  it('continues from the checkpoint that it is restored from', () => {
    const before = run(joined, 'R-a-1-a-2-|')
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(1) })).toEqual(['a+a', 'b'])
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(2) })).toEqual(['a+a+a', 'b'])
  })

  it('leaves the value as it was if the function throws and the record is skipped', () => {
    let calls = 0
    const moody = scan(
      (before: string, letter: string) => {
        if (++calls === 1) throw new Error('not now')
        return before + letter
      },
      { id: 'moody', onError: 'skip' },
    )
    expect(valuesOf(run(byLetter(moody), 'R-a-a-a-|').elements)).toEqual(['a', 'aa'])
  })

  it('wants options, not a seed alone', () => {
    // @ts-expect-error: a seed, and no options
    expect(() => scan((state: number) => state, 0)).toThrow('the options are 0, not an object')
  })
})
