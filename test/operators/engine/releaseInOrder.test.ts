import { expect, it } from 'vitest'
import { releaseInOrder } from '../../../src/operators/engine/releaseInOrder.ts'

it('keeps the order when an emission leads to more at once', () => {
  const out: string[] = []
  const empty: boolean[] = []
  const results = releaseInOrder<string>(true, (element) => {
    out.push(element)
    empty.push(results.empty)
    if (element === 'a') {
      results.follow('2')
      results.settle(third, 'c')
    }
  })
  const first = results.reserve()
  results.follow('1')
  const second = results.reserve()
  const third = results.reserve()
  results.settle(second, 'b')
  results.settle(first, 'a')
  expect(out.join('')).toBe('a1bc2')
  expect(empty).toEqual([false, false, false, false, false])
  expect(results.empty).toBe(true)
})
