import { describe, expect, it } from 'vitest'
import { tap } from '../../src/operators/tap.ts'
import { run } from '../../src/testing/index.ts'
import { behavesAsAnOperator, failsAt, noB } from './contract.ts'

describe('tap', () => {
  behavesAsAnOperator(tap(() => undefined))

  it('shows each value and record, and emits that very record', () => {
    const seen: unknown[] = []
    const { elements } = run(
      tap((value, record) => seen.push(value, record)),
      'Ra1b|',
    )
    expect(seen).toEqual(['a', elements[1], 'b', elements[3]])
    expect(seen[1]).toBe(elements[1])
  })

  it('errors if the function throws, and does not emit that record', () => {
    const result = run(
      tap((letter) => void noB(letter)),
      'R-a-1-b-c-|',
    )
    expect(result.marbles).toBe('R-a-1-#')
    expect(result.error).toMatchObject(failsAt('tap'))
  })
})
