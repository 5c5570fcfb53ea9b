import { describe, expect, it } from 'vitest'
import type { StreamElement } from '../../src/element.ts'
import type { Json } from '../../src/record.ts'
import { boundedOutOfOrderness, monotonousTimestamps, noWatermarks } from '../../src/time/watermarks.ts'
import { thrownBy } from '../../tools/support/thrown.ts'
import { fed, place, positions } from './fed.ts'

const monotonous = monotonousTimestamps()

describe('the event time of a source in a snapshot', () => {
  const barriers = (elements: readonly StreamElement<unknown>[]) =>
    elements.flatMap((element) => (element.kind === 'barrier' ? [element] : []))

  it('is the emitted watermark and the position of each split that has had a record', () => {
    const source = fed(boundedOutOfOrderness(2), 3)
    source.play(' 5--', ' -9-', ' ---')
    source.feed.settle([place(2)])
    source.feed.barrier(5, positions(0, 1, 2))
    const splits = [
      { ...place(0), timestamp: 5 },
      { ...place(1), timestamp: 9 },
    ]
    expect(barriers(source.elements)).toEqual([
      {
        kind: 'barrier',
        checkpoint: 5,
        positions: [{ source: 'source', splits: positions(0, 1, 2) }],
        states: [{ operator: 'source', state: { emitted: 2, splits } }],
      },
    ])
  })

  it('is empty before the first record, and keeps to numbers after the end', () => {
    const source = fed(monotonous, 1)
    source.feed.barrier(5, positions(0))
    source.play(' 5')
    source.feed.settle([place(0)])
    source.feed.exhausted()
    source.feed.barrier(6, positions(0))
    expect(barriers(source.elements).flatMap(({ states }) => states.map(({ state }) => state))).toEqual([
      { splits: [] },
      { emitted: 4, splits: [{ ...place(0), timestamp: 5 }] },
    ])
  })

  it('is not there without watermarks', () => {
    const source = fed(noWatermarks().withTimestamps(Number), 1, { state: 'of some former strategy' })
    source.feed.barrier(5, positions(0))
    expect(barriers(source.elements)).toMatchObject([{ states: [] }])
  })

  const splits = [
    { ...place(0), timestamp: 5 },
    { ...place(1), timestamp: 8 },
  ]

  it('is emitted again right after the Restore, and continues from there', () => {
    const source = fed(monotonous, 2, { state: { emitted: 4, splits } })
    source.play('-----7---', '----7-9--')
    expect(source.picture()).toBe('(Re)-7(7g)9')
  })

  it('never falls, although a new split knows nothing of it, and another delay is allowed for', () => {
    const source = fed(boundedOutOfOrderness(2), 3, { state: { emitted: 4, splits } })
    source.play('9-----', '9-----', '--6--9')
    expect(source.picture()).toBe('(Re)(99)6(9g)')
  })

  it('counts all splits again, also those that were idle', () => {
    const source = fed(monotonous.withIdleness(10), 2, { state: { emitted: 7, splits } })
    source.play('-----', '----9', '------')
    expect(source.picture()).toBe('(Rh)-9')
    source.play('-----', '-----')
    expect(source.picture()).toBe('(Rh)-9----i')
  })

  it.each<[string, Json]>([
    ['something else', 'sums'],
    ['null', null],
    ['no splits', { emitted: 4 }],
    ['no time', { emitted: '4', splits: [] }],
    ['a time that JSON has made null', { emitted: null, splits: [] }],
    ['a split without a time', { splits: [{ ...place(0) }] }],
    ['a split without a partition', { splits: [{ topic: 't', timestamp: 1 }] }],
    ['a split that is none', { splits: [null] }],
  ])('that is damaged, %s, is refused', (_, state) => {
    expect(thrownBy(() => fed(monotonous, 1, { state }))).toMatchObject({
      code: 'WATERMARKS_DAMAGED',
      consequence: 'corrupted',
      where: { operator: 'source' },
    })
  })
})
