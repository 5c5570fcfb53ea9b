import { describe, expect, it } from 'vitest'
import { countDistinct } from '../../src/operators/countDistinct.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import type { Stream } from '../../src/stream.ts'
import { run, testServices } from '../../src/testing/index.ts'
import { failsAt, noB } from './contract.ts'
import { liveEntries } from './windows/liveEntries.ts'

/** Capital letters are keyed apart from small ones. */
const counted =
  (by: (letter: string) => string, onError?: 'skip') =>
  (source: Stream<string>): Stream<number> =>
    source.pipe(
      keyBy((letter) => letter < 'a'),
      countDistinct(by, { id: 'n', onError }),
    )
const letters = counted((letter) => letter)

describe('countDistinct', () => {
  it('emits the count when it grows, for each key on its own', () => {
    expect(run(letters, 'R-a---b---a-A---1-a-c---|').marbles).toBe('R-<1>-<2>---<1>-1---<3>-|')
  })

  it('keeps timestamp, headers and place of the record that made it grow', () => {
    const { elements } = run(letters, 'R-a-a-b|')
    expect(elements.filter(({ kind }) => kind === 'record')).toMatchObject([
      { value: 1, timestamp: 2, key: false, offset: 0 },
      { value: 2, timestamp: 6, key: false, offset: 2 },
    ])
  })

  it('goes on from the checkpoint that it is restored from, with an entry for each value', () => {
    const before = run(letters, 'R-a-b-1-c-|')
    expect(run(letters, 'R-b-c---|', { restoreFrom: before.snapshot(1) }).marbles).toBe('R---<3>-|')
    expect(liveEntries(before.snapshot(1), 'n')).toEqual({ 'map:seen': 2 })
  })

  it('ends where the function throws, and counts nothing of a record that is skipped', () => {
    const throwing = (onError?: 'skip') => counted(noB, onError)
    expect(run(throwing(), 'R-a-1-b-c-|').error).toMatchObject(failsAt('n'))
    const services = testServices()
    expect(run(throwing('skip'), 'R-a---b-c---|', { services }).marbles).toBe('R-<1>---<2>-|')
    expect(services.skipped).toMatchObject([{ operator: 'n', record: { value: 'b' } }])
  })

  it('refuses a value that cannot be a key: the record is to blame', () => {
    const odd = counted((letter) => (letter === 'b' ? ({} as string) : letter))
    expect(run(odd, 'R-a-b-|').error).toMatchObject({
      code: 'NO_KEY',
      badRecord: true,
      where: { operator: 'n', offset: 1 },
      hint: expect.stringContaining('by'),
    })
  })
})
