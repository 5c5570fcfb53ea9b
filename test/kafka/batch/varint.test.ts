import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readVarint, unzigzag, varintSize, writeVarint } from '../../../src/kafka/batch/varint.ts'

/** The definition, with BigInt and no tricks. */
function byDefinition(value: number): number[] {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  const bytes: number[] = []
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

describe('variable-length numbers', () => {
  const edges = [0, -1, 1, 63, -64, 64, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 35, -(2 ** 42), 2 ** 51, -(2 ** 51)]
  const numbers = fc.oneof(fc.integer(), fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), fc.constantFrom(...edges))

  it('are written as zigzag encoding defines them, with the size that was told before', () => {
    fc.assert(
      fc.property(numbers, (value) => {
        const buffer = Buffer.alloc(12)
        const end = writeVarint(buffer, 1, value)
        expect([...buffer.subarray(1, end)]).toEqual(byDefinition(value))
        expect(varintSize(value)).toBe(end - 1)
      }),
      { numRuns: 2_000 },
    )
  })

  it('are read as they were written, amid others', () => {
    fc.assert(
      fc.property(fc.array(numbers), (written) => {
        const bytes = Buffer.alloc(1 + 8 * written.length)
        let end = 1
        for (const value of written) end = writeVarint(bytes, end, value)
        const input = { bytes, at: 1 }
        expect(written.map(() => readVarint(input))).toEqual(written)
        expect(input.at).toBe(end)
      }),
      { numRuns: 2_000 },
    )
  })

  it('that are cut off end with the bytes', () => {
    const cut = { bytes: Buffer.from([0x80, 0x80]), at: 0 }
    expect(readVarint(cut)).toBe(0)
    expect(readVarint({ bytes: Buffer.from([0x82]), at: 0 })).toBe(1)
  })

  it('come back from zigzag encoding', () => {
    expect([0, 1, 2, 3, 2 ** 52 - 1].map(unzigzag)).toEqual([0, -1, 1, -2, -(2 ** 51)])
  })
})
