import { Buffer } from 'node:buffer'
import snappy from 'snappy'
import { describe, expect, it } from 'vitest'
import { compressSnappy, compressSnappyAside, decompressSnappy } from '../../../src/kafka/batch/snappyBlocks.ts'

const bytes = Buffer.from('some bytes, and some more bytes')
const framed = compressSnappy(snappy, bytes)
const unpack = (from: Buffer) => decompressSnappy(snappy, from, 1_000_000)

/** The length that is written before the first block, behind the header. */
function withLength(add: number): Buffer {
  const other = Buffer.from(framed)
  other.writeInt32BE(other.readInt32BE(16) + add, 16)
  return other
}

describe('framed snappy', () => {
  it.each([0, 1, 32 * 1024, 32 * 1024 + 1, 100_000])(
    'of %i bytes comes back, compressed here or aside',
    async (size) => {
      const many = Buffer.alloc(size, 'abcdefghijklm')
      expect(unpack(compressSnappy(snappy, many)).equals(many)).toBe(true)
      expect((await compressSnappyAside(snappy, many)).equals(compressSnappy(snappy, many))).toBe(true)
    },
  )

  it('may end after the header, if it is of nothing', () => {
    expect(unpack(framed.subarray(0, 16))).toHaveLength(0)
  })

  it.each([1, 4, 7, 8, 9, 1_000])('whose block claims %i bytes more than there are is damaged', (more) => {
    expect(() => unpack(withLength(more))).toThrow(`a snappy block of ${framed.length - 20 + more} bytes`)
  })

  it('whose block has a negative length is damaged', () => {
    expect(() => unpack(withLength(-framed.length))).toThrow(/a snappy block of -/)
  })

  it('is too large if all its blocks together are', () => {
    const two = compressSnappy(snappy, Buffer.alloc(40_000))
    expect(decompressSnappy(snappy, two, 40_000)).toHaveLength(40_000)
    expect(() => decompressSnappy(snappy, two, 39_999)).toThrow(/BATCH_TOO_LARGE/)
  })
})
