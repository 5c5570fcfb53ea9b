import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparison } from '../../src/cli/verify/comparison.ts'

type Written = readonly [key: string | null, value: string, partition?: number]

const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text))

function compared(source: readonly Written[], sink: readonly Written[], by: 'value' | 'key' = 'value') {
  const made = comparison(by)
  const record =
    (topic: string) =>
    ([key, value, partition = 0]: Written, offset: number) => ({
      ...{ topic, partition, offset, key: bytes(key), value: bytes(value) },
    })
  for (const one of source.map(record('in'))) made.read(one)
  for (const one of sink.map(record('out'))) made.written(one)
  return made.verdict()
}

const none = { count: 0, places: [] }

describe('verify', () => {
  it('finds nothing in equal topics, whatever the order between keys', () => {
    const source: Written[] = [
      ['k', 'a'],
      ['l', 'b'],
      ['k', 'c'],
    ]
    expect(
      compared(source, [
        ['l', 'b'],
        ['k', 'a'],
        ['k', 'c'],
      ]),
    ).toEqual({
      ...{ source: 3, sink: 3, lost: none, doubled: none, reordered: none },
    })
  })

  it('names the place of what is lost in the source, and of what is doubled or reordered in the sink', () => {
    const source: Written[] = [
      ['k', 'a'],
      ['k', 'b'],
      ['k', 'c'],
    ]
    const verdict = compared(source, [
      ['k', 'c'],
      ['k', 'a'],
      ['k', 'a'],
    ])
    expect(verdict.lost).toEqual({ count: 1, places: [{ topic: 'in', partition: 0, offset: 1 }] })
    expect(verdict.doubled).toEqual({ count: 1, places: [{ topic: 'out', partition: 0, offset: 2 }] })
    expect(verdict.reordered).toEqual({ count: 1, places: [{ topic: 'out', partition: 0, offset: 1 }] })
  })

  it('counts equal records as often as they are', () => {
    const twice: Written[] = [
      ['k', 'a'],
      ['k', 'a'],
    ]
    expect(compared(twice, twice)).toMatchObject({ lost: none, doubled: none, reordered: none })
    expect(compared(twice, twice.slice(1)).lost.count).toBe(1)
    expect(compared(twice, [...twice, ...twice]).doubled.count).toBe(2)
  })

  it('compares by key where values change, and takes null for a value of its own', () => {
    const source: Written[] = [
      ['k', 'a'],
      [null, 'b'],
    ]
    expect(
      compared(
        source,
        [
          ['k', 'A'],
          [null, 'B'],
        ],
        'key',
      ),
    ).toMatchObject({ lost: none, doubled: none })
    expect(
      compared(
        source,
        [
          ['k', 'A'],
          ['', 'B'],
        ],
        'key',
      ).lost.count,
    ).toBe(1)
  })

  it('expects no order between partitions of records without a key', () => {
    const source: Written[] = [
      [null, 'a'],
      [null, 'b'],
    ]
    expect(
      compared(source, [
        [null, 'b', 1],
        [null, 'a', 0],
      ]).reordered,
    ).toEqual(none)
    expect(
      compared(source, [
        [null, 'b', 0],
        [null, 'a', 0],
      ]).reordered.count,
    ).toBe(1)
  })

  it('counts each record that is taken out, and each that is put in again', () => {
    const values = fc.array(fc.tuple(fc.constantFrom('k', 'l'), fc.string({ maxLength: 2 })), { minLength: 1 })
    fc.assert(
      fc.property(values, fc.nat(), (all, at) => {
        const without = all.filter((_, place) => place !== at % all.length)
        expect(compared(all, without)).toMatchObject({ lost: { count: 1 }, doubled: none, reordered: none })
        expect(compared(without, all).doubled.count).toBe(1)
      }),
    )
  })
})
