import { describe, expect, it } from 'vitest'
import { mapWithState } from '../../src/operators/mapWithState.ts'
import { run } from '../../src/testing/index.ts'
import { noB } from './contract.ts'
import { behavesAsAKeyedOperator, byLetter, type LetterOptions, valuesOf } from './keyedContract.ts'

describe('mapWithState', () => {
  behavesAsAKeyedOperator(
    (options) => mapWithState((count, letter) => [count + 1, letter], 0, options),
    (options) => mapWithState((count, letter) => [count + 1, noB(letter)], 0, options),
  )

  /** Every third one of a letter begins anew. */
  const numbered = byLetter(
    mapWithState((count, letter) => [count === 2 ? undefined : count + 1, `${letter}${count}`], 0, { id: 'numbered' }),
  )
  const seen = (picture: string, options: LetterOptions = {}) => valuesOf(run(numbered, picture, options).elements)

  it('makes the next state and what goes out, for each key on its own, and forgets if the state is undefined', () => {
    expect(seen('R-a-a-1-b-a-a-|')).toEqual(['a0', 'a1', 'b0', 'a2', 'a0'])
  })

  it('continues from the checkpoint that it is restored from, also with what was forgotten', () => {
    const before = run(numbered, 'R-a-a-1-b-a-2-|')
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(1) })).toEqual(['a2', 'b0'])
    expect(seen('R-a-b-|', { restoreFrom: before.snapshot(2) })).toEqual(['a0', 'b1'])
  })

  it('leaves the state as it was if the function throws and the record is skipped', () => {
    let calls = 0
    const moody = byLetter(
      mapWithState(
        (count, letter) => {
          if (++calls === 2) throw new Error('not now')
          return [count + 1, `${letter}${count}`]
        },
        0,
        { id: 'numbered', onError: 'skip' },
      ),
    )
    const result = run(moody, 'R-a-a-1-a-|')
    expect(valuesOf(result.elements)).toEqual(['a0', 'a1'])
    expect(seen('R-a-|', { restoreFrom: result.snapshot(1) })).toEqual(['a1'])
  })

  it('gives undefined as the state of a key that has none, if there is no seed', () => {
    const found: unknown[] = []
    const note = mapWithState(
      (before: string | undefined, letter: string) => {
        found.push(before)
        return [letter, letter]
      },
      { id: 'note' },
    )
    run(byLetter(note), 'R-a-b-a-|')
    expect(found).toEqual([undefined, undefined, 'a'])
  })
})
