import { describe, expect, it } from 'vitest'
import { map } from '../../src/operators/map.ts'
import { run } from '../../src/testing/index.ts'
import { behavesAsAnOperator, failsAt, noB } from './contract.ts'

describe('map', () => {
  behavesAsAnOperator(map((value) => value))

  it('changes the value of each record', () => {
    expect(
      run(
        map((line) => line.toUpperCase()),
        'R-a-b-1-c-|',
      ).marbles,
    ).toBe('R-A-B-1-C-|')
  })

  it('gives the record to the function', () => {
    expect(
      run(
        map((value, { offset }) => `${value}${offset}`),
        'R-a-b-',
      ).marbles,
    ).toBe('R-<"a0"><"b1">')
  })

  it('errors if the function throws, names the place, and calls it for no record after that', () => {
    const called: string[] = []
    const look = map((value: string) => {
      called.push(value)
      return noB(value)
    })
    const result = run(look, 'R-a-1-b-c-|')
    expect(result.marbles).toBe('R-a-1-#')
    expect(result.error).toMatchObject(failsAt('map'))
    expect(called).toEqual(['a', 'b'])
  })
})
