import { Buffer } from 'node:buffer'
import { crc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CorruptedError } from '../../../src/errors.ts'
import { createBatchBuilder, largestBatch } from '../../../src/kafka/batch/batchBuilder.ts'
import { type Compression, compressionCode } from '../../../src/kafka/batch/compression.ts'
import { endOfBatches, largestIn, readBatches } from '../../../src/kafka/batch/readBatches.ts'
import { oneRecord } from '../oneRecord.ts'
import { built, type Plain, place, read } from './plainRecords.ts'

const compressions: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const maybe = fc.option(bytes)
const header = fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 9 }), value: maybe })
const record: fc.Arbitrary<Plain> = fc.record({
  timestamp: fc.oneof(fc.integer({ min: 0, max: 2 ** 42 }), fc.constant(0), fc.integer({ min: 0, max: 9 })),
  key: maybe,
  value: maybe,
  headers: fc.array(header, { maxLength: 3 }),
})
const textRecord = fc.record({
  timestamp: fc.nat(),
  key: maybe,
  value: fc.string({ unit: 'grapheme' }),
  headers: fc.array(header),
})
const records = fc.array(record, { minLength: 1, maxLength: 40 })

describe('a record batch', () => {
  it.each(compressions)('comes back as it was written, with compression %s', (compression) => {
    fc.assert(
      fc.property(records, (written) => {
        expect(read(built(written, { compression }))).toEqual(written.map((one, offset) => ({ ...one, offset })))
      }),
      { numRuns: compression === 'none' ? 300 : 60 },
    )
  })

  it('is byte for byte what the format says', () => {
    const identity = { producerId: 4001, producerEpoch: 7, baseSequence: 12, transactional: true }
    const builder = createBatchBuilder({ compression: 'none' })
    builder.append(1_700_000_000_000, null, Buffer.from('hello'), [])
    const expected = oneRecord('hello', identity)
    for (const at of [27, 35]) expected.writeBigInt64BE(1_700_000_000_000n, at)
    expected.writeUInt32BE(crc32c(expected.subarray(21)), 17)
    expect(builder.finish(identity).toString('hex')).toBe(expected.toString('hex'))
  })

  it('is known by its size as soon as its header is there, whole or cut off', () => {
    const plain = { timestamp: 1, key: null, headers: [] }
    const small = built([{ ...plain, value: Buffer.alloc(10) }])
    const large = built([{ ...plain, value: Buffer.alloc(1_000) }])
    const both = Buffer.concat([small, large])
    const cuts = [0, 60, 61, small.length + 60, small.length + 61, both.length - 1, both.length]
    expect(cuts.map((cut) => largestIn(both.subarray(0, cut)))).toEqual([
      ...[0, 0, small.length, small.length],
      ...[large.length, large.length, large.length],
    ])
    expect(largestIn(Buffer.concat([large, small]))).toBe(large.length)
  })

  it('without records, as compaction leaves it, still has its offsets', () => {
    const plain = { timestamp: 1, key: null, value: Buffer.alloc(10), headers: [] }
    const empty = Buffer.from(built([plain, plain], { baseOffset: 5 }).subarray(0, 61))
    empty.writeInt32BE(61 - 12, 8)
    empty.writeInt32BE(0, 57)
    empty.writeUInt32BE(crc32c(empty.subarray(21)), 17)
    expect(endOfBatches(empty)).toBe(7)
    expect([...readBatches(empty, place)]).toMatchObject([{ baseOffset: 5, lastOffset: 6 }])
    expect(read(empty)).toEqual([])
  })

  it('has the same bytes for a text and for its UTF-8', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      // Where the length of the text or of the record needs a byte more in UTF-8 than the letters would let one expect.
      fc
        .tuple(fc.constantFrom('a', 'é', '€', '😀'), fc.integer({ min: 0, max: 70 }))
        .map(([unit, n]) => unit.repeat(n)),
      fc
        .tuple(fc.constantFrom('a', 'é', '€'), fc.integer({ min: 2_700, max: 8_200 }))
        .map(([unit, n]) => unit.repeat(n)),
    )
    const content = fc.record({
      key: fc.option(texts),
      value: fc.option(texts),
      headers: fc.array(header, { maxLength: 2 }),
    })
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 6 }), (written) => {
        const [ofTexts, ofBytes] = [0, 1].map(() => createBatchBuilder({ compression: 'none' }))
        for (const { key, value, headers } of written) {
          ofTexts?.append(5, key, value, headers)
          ofBytes?.append(5, inBytes(key), inBytes(value), headers)
        }
        expect(ofTexts?.finish(nobody).equals(ofBytes?.finish(nobody) ?? Buffer.alloc(0))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('does not depend on what was in the buffer that it is given', () => {
    const append = (buffer?: Buffer): Buffer => {
      const builder = createBatchBuilder({ compression: 'none', ...(buffer && { buffer }) })
      for (let at = 0; at < 9; at++) builder.append(at, null, `value ${at}`, [{ name: 'h', value: null }])
      return builder.finish(nobody)
    }
    for (const size of [61, 100, 4_096]) expect(append(Buffer.alloc(size, 0xff)).equals(append())).toBe(true)
  })

  it('never has more bytes than it was said to need', () => {
    fc.assert(
      fc.property(fc.oneof(record, textRecord), (one) => {
        const builder = createBatchBuilder({ compression: 'none' })
        builder.append(one.timestamp, one.key, one.value, one.headers)
        const most = largestBatch(one.key, one.value, one.headers)
        const counted = largestBatch(one.key, one.value, one.headers, true)
        expect(builder.bytes).toBeLessThanOrEqual(counted)
        expect(counted).toBeLessThanOrEqual(most)
      }),
    )
  })

  it('takes records up to its limit, and the first one whatever its size', () => {
    const builder = createBatchBuilder({ compression: 'none', limit: 500 })
    const value = Buffer.alloc(300)
    expect(builder.fits(null, Buffer.alloc(9_000), [])).toBe(true)
    builder.append(0, null, value, [])
    expect(builder.fits(null, value, [])).toBe(false)
    expect(builder.fits(null, Buffer.alloc(60), [])).toBe(true)
  })

  it('takes a text that fits by what it has, whatever as many letters could have', () => {
    const builder = createBatchBuilder({ compression: 'none', limit: 500, buffer: Buffer.alloc(500) })
    builder.append(0, null, Buffer.alloc(100), [])
    expect(builder.fits(null, 'a'.repeat(250), [])).toBe(true)
    expect(builder.fits(null, 'é'.repeat(250), [])).toBe(false)
    builder.append(0, null, 'a'.repeat(250), [])
    expect(builder.buffer.length).toBe(500)
  })

  it('counts records and bytes as they are appended', () => {
    const builder = createBatchBuilder({ compression: 'none' })
    builder.append(5, Buffer.from('k'), Buffer.from('v'), [])
    builder.append(6, null, null, [])
    expect(builder.count).toBe(2)
    expect(builder.bytes).toBe(builder.finish(nobody).length)
  })

  it('keeps the compression in its attributes', () => {
    for (const compression of compressions) {
      const batch = built([plain('x')], { compression })
      expect(batch.readInt16BE(21) & 7).toBe(compressionCode(compression))
    }
  })

  it.each(compressions.slice(1))('is compressed with %s in another thread, and then not again', async (compression) => {
    const written = Array.from({ length: 300 }, (_, at) => plain(`value ${at} `.repeat(9)))
    const builder = createBatchBuilder({ compression })
    for (const { timestamp, key, value, headers } of written) builder.append(timestamp, key, value, headers)
    await builder.pack()
    builder.buffer.fill(0)
    expect(read(builder.finish(nobody)).map(({ value }) => value)).toEqual(written.map(({ value }) => value))
  })

  it('is not handed to another thread if there is little or nothing to compress', () => {
    const [plainly, small] = [createBatchBuilder({ compression: 'none' }), createBatchBuilder({ compression: 'gzip' })]
    plainly.append(0, null, Buffer.alloc(100_000), [])
    small.append(0, null, Buffer.alloc(1_000), [])
    expect([plainly.pack(), small.pack()]).toEqual([undefined, undefined])
  })

  it('takes its own timestamp for every record if the broker stamped it', () => {
    const batch = built([plain('a'), plain('b')])
    batch.writeInt16BE(8, 21)
    batch.writeBigInt64BE(77n, 35)
    resealed(batch)
    expect(read(batch).map(({ timestamp }) => timestamp)).toEqual([77, 77])
  })
})

describe('reading fetched bytes', () => {
  it('leaves out the last batch if it is cut off, at whatever byte', () => {
    const [first, second] = [built([plain('a'), plain('b')]), built([plain('c')])]
    second.writeBigInt64BE(2n, 0)
    const both = Buffer.concat([first, second])
    for (let length = first.length; length < both.length; length++) {
      const cut = both.subarray(0, length)
      expect(read(cut)).toHaveLength(2)
      expect(endOfBatches(cut)).toBe(2)
    }
    expect(endOfBatches(both)).toBe(3)
    expect(endOfBatches(first.subarray(0, first.length - 1))).toBeNull()
    expect(endOfBatches(Buffer.alloc(0))).toBeNull()
  })

  it('refuses a batch with a flipped bit, wherever it is, and names its place', () => {
    const batch = built([plain('some value that is long enough'), plain('b')])
    fc.assert(
      fc.property(fc.integer({ min: 16, max: batch.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const damaged = Buffer.from(batch)
        damaged[at] = (damaged[at] as number) ^ (1 << bit)
        const error = thrownBy(() => read(damaged))
        expect(error).toBeInstanceOf(CorruptedError)
        expect(error).toMatchObject({ code: 'BATCH_DAMAGED', where: { topic: 't', partition: 3, offset: 0 } })
      }),
    )
  })

  it('refuses records that do not end where they say although the checksum is right', () => {
    fc.assert(
      fc.property(fc.integer({ min: 61, max: 75 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const batch = built([plain('abcdef')])
        if (batch[at] === byte) return
        batch[at] = byte
        // A changed key, value or delta is another record; what must not happen is a crash or a read beyond the end.
        const error = thrownBy(() => read(resealed(batch)))
        if (error !== null) expect(error).toBeInstanceOf(CorruptedError)
      }),
    )
  })

  it('refuses compressed bytes that are damaged although the checksum is right', () => {
    for (const compression of compressions.slice(1)) {
      const batch = built([plain('x'.repeat(2_000))], { compression })
      batch.fill(0xee, 70)
      expect(
        thrownBy(() => read(resealed(batch))),
        compression,
      ).toMatchObject({ code: 'BATCH_DAMAGED' })
    }
  })

  it('refuses formats from before Kafka 0.11', () => {
    const batch = built([plain('a')])
    batch[16] = 1
    expect(thrownBy(() => read(batch))).toMatchObject({ code: 'BATCH_DAMAGED' })
  })

  it('gives out views of the fetched bytes and no copies', () => {
    const batch = built([plain('abc')])
    const [only] = [...readBatches(batch, place)]
    only?.records((one) => expect(one.value()?.buffer).toBe(batch.buffer))
    expect.assertions(1)
  })
})

const nobody = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }

function inBytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text)
}

function plain(value: string): Plain {
  return { timestamp: 1, key: null, value: Buffer.from(value), headers: [] }
}

function resealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

function thrownBy(act: () => void): unknown {
  try {
    act()
    return null
  } catch (error) {
    return error
  }
}
