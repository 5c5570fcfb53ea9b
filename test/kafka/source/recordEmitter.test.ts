import { crc32c } from '@node-rs/crc32'
import { describe, expect, it } from 'vitest'
import type { RxweftError } from '../../../src/errors.ts'
import { type FetchedRecords, recordEmitter } from '../../../src/kafka/source/recordEmitter.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { nullable } from '../../../src/serde/nullable.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { text } from '../../../src/serde/text.ts'
import { built, type Plain, place } from '../batch/plainRecords.ts'

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

  describe('that cannot be read', () => {
    interface Refused {
      readonly record: StreamRecord<unknown>
      readonly error: RxweftError
    }

    /** Two batches of three records, offsets 4 to 6 and 7 to 9, of which `spoil` may change the first. */
    function twoBatches(spoil: (batch: Buffer) => void, { position = 4, bound = Infinity } = {}) {
      const values = ['aaaaaaaaaaaaaaaaaa', 'b', 'c'].map((value) => plain(null, value))
      const first = built(values, { baseOffset: 4, compression: 'gzip' })
      const second = built(values, { baseOffset: 7 })
      spoil(first)
      first.writeUInt32BE(crc32c(first.subarray(21)), 17)
      const given = fetched([], {})
      const records = Buffer.concat([first, second])
      return { ...given, split: { split: place, position, bound }, fetched: { ...given.fetched, records } }
    }

    function refusedIn(given: FetchedRecords, maxDecompressedBytes?: number) {
      const refused: Refused[] = []
      const offsets: number[] = []
      const emit = recordEmitter({ value: line, source: 's', maxDecompressedBytes })
      emit(
        given,
        (...[, , , , , offset]) => offsets.push(offset),
        (record, error) => void refused.push({ record, error }),
      )
      return { refused, offsets, position: given.split.position }
    }

    const garbled = (batch: Buffer): void => void batch.fill(0xee, 70)
    const whole = (): void => undefined

    it.each([
      ['too large', whole, 20, 'BATCH_TOO_LARGE'],
      ['damaged', garbled, undefined, 'BATCH_DAMAGED'],
    ] as const)('are refused once for a batch that is %s, and the next one is read', (_, spoil, limit, code) => {
      const { refused, offsets, position } = refusedIn(twoBatches(spoil), limit)
      expect([offsets, position]).toEqual([[7, 8, 9], 10])
      expect(refused).toEqual([
        {
          record: expect.objectContaining({ value: null, key: null, headers: [], split: place, offset: 4 }),
          error: expect.objectContaining({ code, where: { ...place, operator: 's', offset: 4, lastOffset: 6 } }),
        },
      ])
    })

    it('move the position if nothing follows them', () => {
      const given = twoBatches(garbled)
      const first = given.fetched.records.subarray(0, 12 + given.fetched.records.readInt32BE(8))
      expect(refusedIn({ ...given, fetched: { ...given.fetched, records: first } })).toMatchObject({
        offsets: [],
        position: 7,
      })
    })

    it('leave the position behind them if the first record after them throws', () => {
      const given = twoBatches(garbled)
      const thrown = (): never => {
        throw new Error('downstream')
      }
      expect(() => recordEmitter({ value: line, source: 's' })(given, thrown, () => undefined)).toThrow('downstream')
      expect(given.split.position).toBe(7)
    })

    it('are those from the position on', () => {
      const { refused } = refusedIn(twoBatches(garbled, { position: 5 }))
      expect(refused.map(({ error }) => error.where)).toEqual([{ ...place, operator: 's', offset: 5, lastOffset: 6 }])
    })

    it('do not come before the bound', () => {
      expect(refusedIn(twoBatches(garbled, { bound: 4 })).refused).toEqual([])
    })

    it('end the reading if the checksum is wrong', () => {
      const given = twoBatches(whole)
      given.fetched.records[65] = 0xee
      expect(() => refusedIn(given)).toThrow(/BATCH_DAMAGED.*checksum/)
    })
  })
})
