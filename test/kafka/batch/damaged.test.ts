/** Batches whose checksum is right and whose records are not: read quickly or refused quickly, and never believed. */
import { Buffer } from 'node:buffer'
import { crc32c } from '@node-rs/crc32'
import { describe, expect, it } from 'vitest'
import { abortedFilter } from '../../../src/kafka/batch/abortedFilter.ts'
import { readBatches } from '../../../src/kafka/batch/readBatches.ts'
import { readVarint } from '../../../src/kafka/batch/varint.ts'
import { marker } from './markers.ts'
import { built, type Plain, place } from './plainRecords.ts'

const plain = (value: string): Plain => ({ timestamp: 1, key: null, value: Buffer.from(value), headers: [] })

/** A batch of these record bodies, each of which gets its length in front. */
function batchOf(...bodies: readonly (readonly number[])[]): Buffer {
  const header = built([plain('')]).subarray(0, 61)
  const batch = Buffer.concat([header, ...bodies.map((body) => Buffer.from([2 * body.length, ...body]))])
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt32BE(bodies.length - 1, 23)
  batch.writeInt32BE(bodies.length, 57)
  return sealed(batch)
}

function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

/** Offsets of the records, then the error, if there is one. */
function reading(batch: Buffer): readonly unknown[] {
  const offsets: unknown[] = []
  const began = process.cpuUsage()
  for (const one of readBatches(batch, place)) {
    const end = one.reading()((record) => offsets.push(record.offset), Infinity)
    if (typeof end !== 'number') offsets.push(end)
  }
  // Of this process alone: the machine may be busy.
  expect(process.cpuUsage(began).user).toBeLessThan(100_000)
  return offsets
}

const damaged = (offset: number, lastOffset: number) =>
  expect.objectContaining({ code: 'BATCH_DAMAGED', badRecord: true, where: { ...place, offset, lastOffset } })

// attributes, timestamp delta, offset delta, key length -1, value length 0, then the number of headers
const record = (offset: number, ...headers: readonly number[]) => [0, 0, 2 * offset, 1, 0, ...headers]

describe('a batch with a right checksum and wrong records', () => {
  it.each<readonly [string, readonly number[]]>([
    ['a header whose name has a negative length', [2, 0x7f]],
    ['a header whose value has a length below -1', [2, 2, 0x61, 3]],
    ['a header that is longer than the record', [2, 2, 0x61, 100]],
    ['a name that is longer than the record', [2, 60]],
    ['a negative number of headers', [1]],
    ['more headers than there are bytes', [0xfe, 0xff, 0xff, 0xff, 0x0f]],
    ['bytes behind its headers', [0, 0]],
    ['a length that never ends', [2, ...Array(12).fill(0xff)]],
    ['no headers, and not even their number', []],
  ])('is refused from the record on that has %s', (_, headers) => {
    expect(reading(batchOf(record(0, 0), record(1, ...headers), record(2, 0)))).toEqual([0, damaged(1, 2)])
  })

  it('is refused if 76 bytes claim headers without end', () => {
    const batch = batchOf([0, 0, 0, 1, 0, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0x01, 0x01, 0x01, 0x01])
    expect(batch).toHaveLength(76)
    expect(reading(batch)).toEqual([damaged(0, 0)])
  })

  it.each([
    ['twice the same offset', [record(0, 0), record(0, 0)], 0],
    ['an offset that goes back', [record(1, 0), record(0, 0)], 1],
    ['an offset behind the last one', [record(0, 0), record(2, 0)], 0],
    ['a negative offset', [[0, 0, 1, 1, 0, 0]], -1],
  ] as const)('is refused where a record has %s', (_, bodies, last) => {
    expect(reading(batchOf(...bodies)).at(-1)).toEqual(damaged(last + 1, bodies.length - 1))
  })

  it('is refused if key or value has a length below -1', () => {
    expect(reading(batchOf([0, 0, 0, 3, 0, 0]))).toEqual([damaged(0, 0)])
    expect(reading(batchOf([0, 0, 0, 1, 3, 0]))).toEqual([damaged(0, 0)])
  })

  it('is refused if it claims more records than it has, or fewer', () => {
    for (const count of [2 ** 31 - 1, 3, 1, -1, -(2 ** 31)]) {
      const batch = batchOf(record(0, 0), record(1, 0))
      batch.writeInt32BE(count, 57)
      expect(reading(sealed(batch)).at(-1), `${count}`).toEqual(damaged(count === 1 ? 1 : count < 0 ? 0 : 2, 1))
    }
  })

  it('may have gaps between its offsets, as the log cleaner leaves them', () => {
    const batch = batchOf(record(1, 0), record(3, 0))
    batch.writeInt32BE(5, 23)
    expect(reading(sealed(batch))).toEqual([1, 3])
  })

  it.each([
    ['before its first', 0, -1],
    ['beyond the safe whole numbers', 2 ** 62, 0],
    ['before the log', -5, 0],
  ])('is not believed where its last offset is %s', (_, base, delta) => {
    const batch = batchOf(record(0, 0))
    batch.writeBigInt64BE(BigInt(base), 0)
    batch.writeInt32BE(delta, 23)
    expect(() => [...readBatches(sealed(batch), place)]).toThrow(/BATCH_DAMAGED/)
  })

  it('is not believed if it is compressed and the broker has made it', () => {
    const batch = marker(0, 7, 'abort')
    batch.writeInt16BE(0x31, 21)
    expect(() => [...readBatches(sealed(batch), place)]).toThrow(/BATCH_DAMAGED/)
  })

  it('is not believed if its marker says neither commit nor abort', () => {
    const batch = batchOf([0, 0, 0, 2, 0, 0, 0])
    batch.writeInt16BE(0x30, 21)
    const [only] = [...readBatches(sealed(batch), place)]
    expect(() => only && abortedFilter([])(only)).toThrow(/BATCH_DAMAGED/)
  })
})

describe('a variable-length number', () => {
  it('ends within 64 bits, or nowhere', () => {
    const bytes = Buffer.alloc(1_000_000, 0x80)
    const input = { bytes, at: 0 }
    readVarint(input)
    expect(input.at).toBe(Infinity)
    const longest = { bytes: Buffer.from([...Array(9).fill(0xff), 0x01, 7]), at: 0 }
    readVarint(longest)
    expect(longest.at).toBe(10)
  })
})
