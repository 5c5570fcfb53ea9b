import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timedElements, wholeMs } from '../../src/state/timedElements.ts'
import { testStates } from '../../src/testing/testStates.ts'

const opened = () => timedElements<string, number>(testStates().open('op'), 'elements', {})

describe('timed elements', () => {
  it('are removed with all of their ms, whatever the fraction', () => {
    const elements = opened()
    for (const at of [4.5, 4.001, 5, 5.1, -0.5]) elements.add('k', at, at)
    const left = () => elements.between('k', -9, 9).map(({ value }) => value)
    expect(left()).toEqual([-0.5, 4.001, 4.5, 5, 5.1])
    elements.remove('k', wholeMs(4.2))
    expect(left()).toEqual([-0.5, 5.1])
    elements.remove('k', wholeMs(-0.1))
    expect(left()).toEqual([5.1])
  })

  it('are what a plain list of them would be, for each key', () => {
    const at = fc.integer({ min: -3, max: 3 })
    const act = fc.record({ key: fc.constantFrom('a', 'b'), at, remove: fc.boolean(), times: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(act), at, at, (acts, from, to) => {
        const elements = opened()
        let model: { readonly key: string; readonly at: number; readonly value: number }[] = []
        for (const { key, at, remove, times } of acts) {
          if (remove) {
            elements.remove(key, at)
            model = model.filter((one) => one.key !== key || one.at !== at)
          } else {
            for (let value = 0; value < times; value++) {
              elements.add(key, at, value)
              model.push({ key, at, value })
            }
          }
        }
        for (const key of ['a', 'b']) {
          const expected = model
            .filter((one) => one.key === key && one.at >= from && one.at <= to)
            .sort((a, b) => a.at - b.at)
            .map(({ at, value }) => ({ at, value }))
          expect(elements.between(key, from, to)).toEqual(expected)
        }
      }),
    )
  })
})
