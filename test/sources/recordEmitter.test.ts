import { describe, expect, it } from 'vitest'
import { nullable } from '../../src/serde/nullable.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'
import { type FetchedRecords, recordEmitter } from '../../src/sources/recordEmitter.ts'
import { built, type Plain, place } from '../kafka/batch/plainRecords.ts'

const plain = (key: string | null, value: string | null): Plain => {
  const [keyBytes = null, valueBytes = null] = [key, value].map((one) => (one === null ? null : Buffer.from(one)))
  return { timestamp: 7, key: keyBytes, value: valueBytes, headers: [] }
}

function fetched(records: readonly Plain[], { position = 0, bound = Infinity, baseOffset = 0 } = {}): FetchedRecords {
  const decided = { errorCode: 0, highWatermark: 9, lastStableOffset: 9, logStartOffset: 0, abortedTransactions: [] }
  const bytes = built(records, { baseOffset })
  return { split: { split: place, position, bound }, fetched: { ...place, ...decided, records: bytes } }
}

/** What is emitted: offset, key, value. */
function emitted(given: FetchedRecords, value: Serde<unknown>, key?: Serde<unknown>): readonly unknown[] {
  const all: unknown[] = []
  const refuse = (_: unknown, error: Error): void => void all.push(error.message)
  recordEmitter({ value, key, source: 's' })(
    given,
    (one, _, its, __, ___, offset) => all.push([offset, its, one]),
    refuse,
  )
  return all
}

const line = nullable(text) as Serde<unknown>
const slow: Serde<unknown> = { encode: line.encode, decode: line.decode }

describe('the records of a fetch', () => {
  it('are decoded alike by serdes with and without decodeAt', () => {
    const given = () => fetched([plain(null, 'a'), plain('k', null), plain('', '')])
    const expected = [
      [0, null, 'a'],
      [1, 'k', null],
      [2, '', ''],
    ]
    expect(emitted(given(), line, line)).toEqual(expected)
    expect(emitted(given(), slow, slow)).toEqual(expected)
  })

  it('give the serde null for a tombstone', () => {
    const [refused] = emitted(fetched([plain(null, null)]), text as Serde<unknown>)
    expect(refused).toContain('tombstone')
  })

  it('are those from the position up to the bound', () => {
    const given = fetched(
      ['a', 'b', 'c', 'd'].map((value) => plain(null, value)),
      { position: 6, bound: 8, baseOffset: 5 },
    )
    expect(emitted(given, line)).toEqual([
      [6, null, 'b'],
      [7, null, 'c'],
    ])
    expect(given.split.position).toBe(8)
  })

  it('move the position one by one', () => {
    const given = fetched([plain(null, 'a'), plain(null, 'b')])
    const positions: number[] = []
    recordEmitter({ value: line, source: 's' })(
      given,
      () => positions.push(given.split.position),
      () => undefined,
    )
    expect(positions).toEqual([0, 1])
  })
})
