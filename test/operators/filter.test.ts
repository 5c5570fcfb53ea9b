import { describe, expect, it } from 'vitest'
import { filter } from '../../src/operators/filter.ts'
import { run } from '../../src/testing/index.ts'
import { behavesAsAnOperator, failsAt, noB } from './contract.ts'

describe('filter', () => {
  behavesAsAnOperator(filter(() => true))

  it('leaves out the records that the predicate refuses, and nothing else', () => {
    expect(
      run(
        filter((letter) => letter !== 'a'),
        'R-a-b-1-a-2-c-|',
      ).marbles,
    ).toBe('R---b-1---2-c-|')
  })

  it('lets barriers pass if every record is refused', () => {
    expect(
      run(
        filter(() => false),
        'R-a-1-b-2-|',
      ).marbles,
    ).toBe('R---1---2-|')
  })

  it('gives the record to the predicate', () => {
    expect(
      run(
        filter((_, { offset }) => offset > 0),
        'R-a-b-|',
      ).marbles,
    ).toBe('R---b-|')
  })

  it('errors if the predicate throws, and names the place', () => {
    const result = run(
      filter((letter) => noB(letter) !== ''),
      'R-a-1-b-c-|',
    )
    expect(result.marbles).toBe('R-a-1-#')
    expect(result.error).toMatchObject(failsAt('filter'))
  })
})
