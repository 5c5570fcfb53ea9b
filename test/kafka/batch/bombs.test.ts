/** Batches that are small and would fill the memory, by every way to decompress them. */
import { Buffer } from 'node:buffer'
import { readFileSync, writeFileSync } from 'node:fs'
import { crc32c } from '@node-rs/crc32'
import { Decoder, Encoder } from '@toondepauw/node-zstd'
import fc from 'fast-check'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import { type Compression, compress, compressionCode } from '../../../src/kafka/batch/compression.ts'
import { lz4Size } from '../../../src/kafka/batch/lz4Size.ts'
import { readBatches } from '../../../src/kafka/batch/readBatches.ts'
import { zstdFits } from '../../../src/kafka/batch/zstdSize.ts'
import { built, place } from './plainRecords.ts'

const MiB = 1024 * 1024

interface Way {
  readonly compression: Compression
  readonly name: string
  readonly pack: (bytes: Buffer) => Buffer
}

const way = (compression: Compression, name: string = compression, pack?: Way['pack']): Way => ({
  compression,
  name,
  pack: pack ?? ((bytes) => compress(compression, bytes)),
})

const ways: readonly Way[] = [
  way('gzip'),
  way('snappy', 'snappy, framed'),
  way('snappy', 'snappy, one raw block', compressSync),
  way('lz4'),
  way('zstd'),
]

/** A batch of one record, offsets 5 to 5, whose value decompresses to so many zeros; the whole to so many bytes. */
function batchOf(zeros: number, { compression, pack }: Way): { readonly batch: Buffer; readonly bytes: number } {
  const plain = built([{ timestamp: 7, key: null, value: Buffer.alloc(zeros), headers: [] }], { baseOffset: 5 })
  const batch = Buffer.concat([plain.subarray(0, 61), pack(plain.subarray(61))])
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt16BE(compressionCode(compression), 21)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return { batch, bytes: plain.length - 61 }
}

/** The most memory that this process has had, bytes; Linux forgets it when asked to. Elsewhere: what it has now. */
function peak(anew?: 'anew'): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss()
  if (anew !== undefined) writeFileSync('/proc/self/clear_refs', '5')
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}

/** The number of records, or the error of the batch. */
function reading(batch: Buffer, limit?: number): unknown {
  const [only] = [...readBatches(batch, place, limit)]
  return only?.reading()(() => undefined, 10)
}

describe('a batch that is larger than the limit after decompression', () => {
  it.each(ways)('is refused with $name, and one that is just as large is read', (each) => {
    const { batch, bytes } = batchOf(3 * MiB, each)
    expect(reading(batch, bytes)).toBe(1)
    expect(reading(batch, bytes - 1)).toMatchObject({
      code: 'BATCH_TOO_LARGE',
      badRecord: true,
      where: { ...place, offset: 5, lastOffset: 5 },
    })
  })

  it.each(ways)('is refused with $name before memory is taken for it', (each) => {
    const { batch } = batchOf(200 * MiB, each)
    const before = peak('anew')
    expect(reading(batch, 16 * MiB)).toMatchObject({ code: 'BATCH_TOO_LARGE' })
    expect(peak() - before).toBeLessThan(80 * MiB)
  })

  it('is refused if a raw snappy block only claims to be', () => {
    const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3])
    const { batch } = batchOf(
      1,
      way('snappy', '', () => claim),
    )
    expect(reading(batch)).toMatchObject({ code: 'BATCH_TOO_LARGE' })
  })

  it.each(ways)('is not confused with one that is damaged, with $name', (each) => {
    const { batch } = batchOf(100_000, each)
    batch.fill(0xee, 64)
    batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
    const error = reading(batch)
    expect(error).toMatchObject({ consequence: expect.stringMatching(/corrupted|fatal/), badRecord: true })
  })
})

/** Data that compressors cut into blocks of many sizes. */
const data = fc
  .array(
    fc.record({ unit: fc.uint8Array({ minLength: 1, maxLength: 40 }), times: fc.integer({ min: 1, max: 9_000 }) }),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts.map(({ unit, times }) => Buffer.concat(Array(times).fill(Buffer.from(unit))))))

describe('the size of lz4 frames', () => {
  const exact = (bytes: Buffer): number => lz4Size(bytes, -1)

  it('is known without decompressing them', () => {
    fc.assert(
      fc.property(data, fc.boolean(), fc.boolean(), (bytes, contentChecksum, blockChecksums) => {
        const frame = compressFrameSync(bytes, { contentChecksum, blockChecksums })
        expect(exact(frame)).toBe(decompressFrameSync(frame).length)
        expect(exact(Buffer.concat([frame, skippable(9), frame]))).toBe(2 * bytes.length)
        expect(lz4Size(frame, Infinity)).toBeGreaterThanOrEqual(bytes.length)
      }),
      { numRuns: 60 },
    )
  })

  it('is not that of bytes that are something else, or cut off', () => {
    const frame = compressFrameSync(Buffer.from('some bytes that are compressed'))
    for (let length = 1; length < frame.length; length++)
      expect(() => lz4Size(frame.subarray(0, length), 9), `${length}`).toThrow(RangeError)
    expect(() => lz4Size(Buffer.from('not a frame at all'), 9)).toThrow(RangeError)
  })
})

describe('the size of zstd frames', () => {
  const decoder = new Decoder()

  it('is found to fit or not, exactly, while no more than the limit and one block is ever decompressed', () => {
    fc.assert(
      fc.property(data, fc.constantFrom(1, 3, 12), (bytes, level) => {
        const frame = new Encoder(level).encodeSync(bytes)
        for (const limit of [bytes.length, bytes.length - 1]) {
          let most = 0
          const fits = zstdFits(frame, limit, (part) => {
            const found = decoder.decodeSync(part)
            expect(found.equals(bytes.subarray(0, found.length))).toBe(true)
            most = Math.max(most, found.length)
            return found
          })
          expect([fits, most <= limit + 128 * 1024]).toEqual([limit === bytes.length, true])
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is that of all frames together', () => {
    const frame = new Encoder(3).encodeSync(Buffer.alloc(300_000, 'abcdefg'))
    const both = Buffer.concat([frame, skippable(40), frame])
    const decode = (part: Buffer): Buffer => decoder.decodeSync(part)
    expect([zstdFits(both, 600_000, decode), zstdFits(both, 599_999, decode)]).toEqual([true, false])
  })

  it('is that of all frames where each ends with a checksum', () => {
    // One segment of five bytes in one block as it is. The checksums are never looked at.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x24, 5, ...lastBlock(5, 0), 1, 2, 3, 4, 5, 9, 9, 9, 9])
    expect(zstdFits(Buffer.concat([frame, frame]), 10, () => expect.unreachable())).toBe(true)
  })

  it('is not what a frame states of itself', () => {
    // A window of 128 KiB, a stated size of 300 bytes, then a block that repeats a byte 100,000 times.
    const lie = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x40, 0x38, 44, 0, ...lastBlock(100_000, 1), 0x61])
    expect(zstdFits(lie, 50_000, (part) => decoder.decodeSync(part))).toBe(false)
  })

  it.each([
    ['a window of 1 KiB', [0, 0x00], 1_024],
    ['a window of 1 KiB and seven eighths', [0, 0x07], 1_920],
    ['a window of 2 KiB and three eighths', [0, 0x0b], 2_816],
    ['a window of 2 KiB, behind the id of a dictionary', [3, 0x08, 9, 9, 9, 9], 2_048],
    ['a window of 4 MiB', [0, 0x60], 128 * 1024],
    ['one stated byte', [0x20, 200], 200],
    ['two stated bytes', [0x60, 0x2c, 0x01], 556],
    ['four stated bytes', [0xa0, 0x10, 0x27, 0, 0], 10_000],
    ['eight stated bytes', [0xe0, 0x10, 0x27, 0, 0, 0, 0, 0, 0], 10_000],
    ['eight stated bytes, behind the id of a dictionary', [0xe1, 9, 0x10, 0x27, 0, 0, 0, 0, 0, 0], 10_000],
  ])('is at most that of a block, with %s', (_, header, size) => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...header, ...lastBlock(3, 2), 1, 2, 3])
    const asked: Buffer[] = []
    const decode = (part: Buffer): Buffer => Buffer.alloc(asked.push(part) * 10_000_000)
    expect([zstdFits(frame, size, decode), asked]).toEqual([true, []])
    expect([zstdFits(frame, size - 1, decode), asked.length]).toEqual([false, 1])
  })

  it('is not that of bytes that are something else, or cut off', () => {
    const frame = new Encoder(3).encodeSync(Buffer.from('some bytes that are compressed'))
    const never = (): never => expect.unreachable()
    for (let length = 1; length < frame.length - 4; length++)
      expect(() => zstdFits(frame.subarray(0, length), 9, never), `${length}`).toThrow(RangeError)
    expect(() => zstdFits(Buffer.from('not a frame at all'), 9, never)).toThrow(RangeError)
  })

  it('counts as too large if it takes more steps to find out than any compressor makes necessary', () => {
    // Blocks that may have 128 KiB each and have a thousand bytes; all of them are below the limit.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x60])
    const block = Buffer.from([...lastBlock(3, 2), 1, 2, 3])
    block.writeUInt8(block.readUInt8(0) & 0xfe, 0)
    const blocks = (count: number) => Buffer.concat([frame, ...Array(count).fill(block), Buffer.from(lastBlock(0, 0))])
    let asked = 0
    const fits = (count: number): boolean => {
      asked = 0
      return zstdFits(blocks(count), 128 * 1024, (part) => {
        asked += 1
        return Buffer.alloc(Math.floor((part.length - 6) / 6) * 1_000)
      })
    }
    expect([fits(10), asked < 16]).toEqual([true, true])
    expect([fits(100), asked]).toEqual([false, 16])
  })

  it('counts as too large if there are more tiny blocks than anybody makes', () => {
    const tiny = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x88])
    const blocks = Buffer.alloc(3 * 70_000, Buffer.from([4, 0, 0]))
    expect(zstdFits(Buffer.concat([tiny, blocks, Buffer.from([5, 0, 0])]), 64 * MiB, () => expect.unreachable())).toBe(
      false,
    )
  })
})

/** A frame of so many bytes that readers leave out. */
function skippable(bytes: number): Buffer {
  const frame = Buffer.alloc(8 + bytes, 0xaa)
  frame.writeUInt32LE(0x184d2a53)
  frame.writeUInt32LE(bytes, 4)
  return frame
}

function lastBlock(size: number, type: number): readonly number[] {
  const header = (size << 3) | (type << 1) | 1
  return [header & 0xff, (header >> 8) & 0xff, header >> 16]
}
