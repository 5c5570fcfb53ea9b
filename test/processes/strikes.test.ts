import { describe, expect, it } from 'vitest'
import { seededRandom } from '../faults/seededRandom.ts'
import type { ProcessFault } from './fault.ts'
import { strikes } from './strikes.ts'

const fault = (name: string, kind: ProcessFault['kind']): ProcessFault => ({
  name,
  kind,
  inject: async () => undefined,
})
const some = [fault('p1', 'processes'), fault('p2', 'processes'), fault('b1', 'brokers'), fault('b2', 'brokers')]

describe('faults in their order', () => {
  it('come all before any comes again, some of them two at a time', () => {
    const schedule = strikes(seededRandom(1), some)
    const drawn = Array.from({ length: 60 }, () => schedule.next().value ?? [])
    const names = drawn.flat().map(({ name }) => name)
    for (const kind of ['p', 'b']) {
      const its = names.filter((name) => name.startsWith(kind))
      for (let at = 0; at + 1 < its.length; at += 2) expect(its[at]).not.toBe(its[at + 1])
    }
    expect(drawn.some((strike) => strike.length === 2)).toBe(true)
    expect(drawn.every((strike) => new Set(strike.map(({ kind }) => kind)).size === strike.length)).toBe(true)
  })

  it('of one kind come alone, and without any there are none', () => {
    expect(strikes(seededRandom(1), some.slice(0, 1)).next().value).toHaveLength(1)
    expect(strikes(seededRandom(1), []).next().done).toBe(true)
  })
})
