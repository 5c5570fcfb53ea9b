import { describe, expect, it } from 'vitest'
import { flatMap } from '../../src/operators/flatMap.ts'
import { run } from '../../src/testing/index.ts'
import { behavesAsAnOperator, failsAt, noB } from './contract.ts'

describe('flatMap', () => {
  behavesAsAnOperator(flatMap((value) => [value]))

  it('emits every value, before the barrier that follows', () => {
    const twice = flatMap((letter: string) => [letter, letter.toUpperCase()])
    expect(run(twice, 'R-a---1-b---|').marbles).toBe('R-(aA)1-(bB)|')
  })

  it('emits nothing for an empty iterable', () => {
    expect(
      run(
        flatMap(() => []),
        'R-a-1-|',
      ).marbles,
    ).toBe('R---1-|')
  })

  it('reads generators, and stops reading if the output is left', () => {
    let read = 0
    const endless = flatMap(function* (letter: string) {
      for (; read < 3; read++) yield letter
    })
    expect(run(endless, 'R-a----|').marbles).toBe('R-(aaa)|')
  })

  it('errors if the function throws, and names the place', () => {
    const result = run(
      flatMap((letter) => [noB(letter)]),
      'R-a-1-b-c-|',
    )
    expect(result.marbles).toBe('R-a-1-#')
    expect(result.error).toMatchObject(failsAt('flatMap'))
  })

  it('errors if a generator throws halfway, after what it has yielded', () => {
    const half = flatMap(function* (letter: string) {
      yield letter
      throw new RangeError('half-way')
    })
    const result = run(half, 'R-a-b-|')
    expect(result.marbles).toBe('R-(a#)')
    expect(result.error).toMatchObject({ code: 'OPERATOR_FAILED', where: { operator: 'flatMap', offset: 0 } })
  })
})
