import { describe, expect, it } from 'vitest'
import type { Fault } from '../faults/fault.ts'
import { seededRandom } from '../faults/seededRandom.ts'
import { type Round, rounds } from './rounds.ts'

const inject = async (): Promise<void> => undefined
const current: readonly Fault[] = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, inject }))
const old: readonly Fault[] = ['x', 'y'].map((name) => ({ name, protocol: 1, inject }))

function firstRounds(
  seed: number,
  count: number,
  faults: readonly Fault[] = [...current, ...old],
): readonly Round<Fault>[] {
  const all = rounds(seededRandom(seed), faults, 3)
  return Array.from({ length: count }, () => all.next().value as Round<Fault>)
}

const names = (some: readonly Round<Fault>[]) => some.map(({ faults }) => faults.map(({ name }) => name).join(''))

describe('the rounds of a chaos run', () => {
  it('bring every fault once, before any comes again', () => {
    const [first, second] = firstRounds(1, 2)
    expect(
      [...(first as Round<Fault>).faults, ...(second as Round<Fault>).faults]
        .map(({ name }) => name)
        .sort()
        .join(''),
    ).toBe('abcde')
  })

  it('bring the faults of the old protocol in a round of their own, with company', () => {
    const found = firstRounds(1, 3)
    expect(found.map(({ protocol }) => protocol)).toEqual([2, 2, 1])
    expect(names(found)[2]).toMatch(/x/)
    expect(names(found)[2]).toMatch(/y/)
    expect(names(found)[2]).toMatch(/[abcde]/)
  })

  it('leave the old protocol alone where nothing needs it', () => {
    expect(firstRounds(1, 6, current).map(({ protocol }) => protocol)).toEqual([2, 2, 2, 2, 2, 2])
  })

  it('are the same for the same seed, and others for another', () => {
    expect(names(firstRounds(7, 9))).toEqual(names(firstRounds(7, 9)))
    expect(names(firstRounds(7, 9))).not.toEqual(names(firstRounds(8, 9)))
  })
})
