import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BatchRecord, batchCursor } from '../../src/embedded/batchCursor.ts'
import { logBatch } from '../../src/embedded/logBatch.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

const damage = new Error('damaged')
const cursor = (bytes: Buffer) => batchCursor(bytes, () => damage)

function encoded(records: readonly BatchRecord[]): Buffer {
  const builder = logBatch()
  for (const { timestamp, key, value, headers } of records) builder.add(timestamp, key, value, headers)
  expect(builder.count).toBe(records.length)
  expect(builder.size).toBe(builder.bytes().length)
  return builder.bytes()
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const maybe = fc.option(bytes, { nil: null })
const record: fc.Arbitrary<BatchRecord> = fc.record({
  timestamp: fc.double({ noNaN: true, noDefaultInfinity: true }),
  key: maybe,
  value: maybe,
  headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), value: maybe }), { maxLength: 4 }),
})

describe('a batch', () => {
  it('returns the records that were put in, in order', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), (records) => {
        const reading = cursor(encoded(records))
        for (const written of records) expect(reading.next()).toEqual(written)
        expect(() => reading.next()).toThrow(damage)
      }),
    )
  })

  it('that is cut off says so and is not read beyond its end', () => {
    fc.assert(
      fc.property(record, fc.nat(), (written, cut) => {
        const whole = encoded([written])
        const reading = cursor(whole.subarray(0, cut % whole.length))
        expect(() => reading.next()).toThrow(damage)
      }),
    )
  })

  it('with a negative length says so', () => {
    const whole = encoded([{ timestamp: 0, key: null, value: Buffer.from('abc'), headers: [] }])
    whole.writeInt32LE(-5, 12)
    expect(() => cursor(whole).next()).toThrow(damage)
  })

  it.each([
    ['a timestamp that is no time', [Number.NaN, null, null, []]],
    ['a value that is no bytes', [0, null, 'text', []]],
    ['a value that is undefined', [0, null, undefined, []]],
    ['a key that is no bytes', [0, 7, null, []]],
    ['a header that is no bytes', [0, null, null, [{ name: 'h', value: 'text' }]]],
    ['a record of 65 MiB', [0, null, Buffer.alloc(65 * 1024 * 1024), []]],
  ])('refuses %s, and stays as it was', (_, [timestamp, key, value, headers]) => {
    const builder = logBatch()
    builder.add(1, null, Buffer.from('first'), [])
    const error = thrownBy(() => builder.add(timestamp as never, key as never, value as never, headers as never))
    expect(error).toMatchObject({ code: 'RECORD_NOT_WRITABLE', consequence: 'fatal' })
    builder.add(2, null, Buffer.from('second'), [])
    const reading = cursor(builder.bytes())
    expect([String(reading.next().value), String(reading.next().value)]).toEqual(['first', 'second'])
  })
})
