import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EncodedValue, entryWriter, readEntries } from '../../src/state/entries.ts'

type Entry = readonly [key: Uint8Array, sub: Uint8Array, value: EncodedValue]

const bytes = fc.uint8Array({ maxLength: 300 })
const entry: fc.Arbitrary<Entry> = fc.tuple(bytes, bytes, fc.oneof(bytes, fc.constantFrom(null, undefined)))

function read(block: Buffer): readonly Entry[] {
  const entries: Entry[] = []
  readEntries(block, (...read) => void entries.push(read.map((part) => part && Uint8Array.from(part)) as never))
  return entries
}

function written(entries: readonly Entry[]): Buffer {
  const writer = entryWriter()
  for (const one of entries) writer.write(...one)
  return writer.take()
}

describe('entries', () => {
  it('come back as they were: values, null, and gone', () => {
    fc.assert(fc.property(fc.array(entry), (entries) => void expect(read(written(entries))).toEqual(entries)))
  })

  it('may be longer than one byte, two or three can say', () => {
    const lengths = [127, 128, 16_383, 16_384, 2_097_152]
    const entries = lengths.map((length): Entry => [Buffer.alloc(3, 1), Buffer.alloc(0), Buffer.alloc(length, 7)])
    expect(read(written(entries)).map(([, , value]) => value?.length)).toEqual(lengths)
  })

  it('that are cut off anywhere are refused, and never half read', () => {
    const all = written([[Buffer.alloc(200, 1), Buffer.of(2), Buffer.alloc(200, 3)]])
    for (let end = 1; end < all.length; end++) {
      expect(() => read(Buffer.from(all.subarray(0, end)))).toThrow(RangeError)
    }
    expect(read(Buffer.alloc(0))).toEqual([])
  })

  it('are taken once: the writer begins anew, and what was taken does not change', () => {
    const writer = entryWriter()
    writer.write(Buffer.of(1), Buffer.of(), Buffer.of(1))
    const first = writer.take()
    writer.write(Buffer.of(2), Buffer.of(), null)
    expect(read(first)).toEqual([[Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(1)]])
    expect(writer.size).toBeGreaterThan(0)
    expect(read(writer.take())).toEqual([[Uint8Array.of(2), Uint8Array.of(), null]])
    expect(writer.size).toBe(0)
  })

  it('tell how large they are on average, and forget the old ones', () => {
    const writer = entryWriter()
    const write = (length: number): void => writer.write(Buffer.of(1), Buffer.of(), Buffer.alloc(length))
    expect(writer.mean).toBe(64)
    for (let i = 0; i < 1_000; i++) write(1_000)
    expect(writer.mean).toBeGreaterThan(990)
    writer.take()
    for (let i = 0; i < 50_000; i++) write(10)
    expect(writer.mean).toBeLessThan(20)
  })
})
