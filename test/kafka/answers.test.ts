import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answers } from '../../src/kafka/driver/answers.ts'
import { openAnswer } from '../../src/kafka/driver/frames.ts'

function answer(correlationId: number, payload: Uint8Array): Buffer {
  const made = Buffer.alloc(8 + payload.length)
  made.writeInt32BE(4 + payload.length)
  made.writeInt32BE(correlationId, 4)
  made.set(payload, 8)
  return made
}

/** Through one buffer that is written again for each piece, as the socket does. */
function inPieces(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const found: Buffer[] = []
  const take = answers((one) => found.push(one))
  const memory = Buffer.alloc(bytes.length)
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number
    const copied = bytes.copy(memory, 0, at, at + size)
    take(memory.subarray(0, copied))
    memory.fill(0xff)
    at += copied
  }
  return found
}

describe('answers', () => {
  test('come out as they were sent, however they were cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 })
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(payloads, sizes, (all, cuts) => {
        const sent = all.map((payload, at) => answer(at, payload))
        expect(inPieces(Buffer.concat(sent), cuts)).toEqual(sent)
      }),
    )
  })

  test('come as soon as their last byte is there', () => {
    const found: Buffer[] = []
    const take = answers((one) => found.push(one))
    const sent = answer(7, Buffer.from('abc'))
    take(sent.subarray(0, -1))
    expect(found).toEqual([])
    take(sent.subarray(-1))
    expect(found).toEqual([sent])
    expect(openAnswer(sent)).toEqual({ size: 7, correlationId: 7, payload: Buffer.from('abc') })
  })

  test.each([-1, 0, 3, -(2 ** 31)])('of %i bytes do not exist', (size) => {
    const head = Buffer.alloc(8)
    head.writeInt32BE(size)
    expect(() => answers(() => undefined)(head)).toThrow(new RangeError(`the broker sent an answer of ${size} bytes`))
  })

  test('take no memory that only their size claims', () => {
    const before = process.memoryUsage().arrayBuffers
    const takes = Array.from({ length: 20 }, () => answers(() => undefined))
    const head = Buffer.alloc(8)
    head.writeInt32BE(2 ** 31 - 1)
    for (const take of takes) take(head)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024)
    for (const take of takes) expect(take).toBeTypeOf('function')
  })

  test('come out as they were sent if they are larger than what is believed at once', () => {
    const found: Buffer[] = []
    const take = answers((one) => found.push(one))
    const payload = Buffer.alloc(21_000_000)
    for (let at = 0; at < payload.length; at += 4) payload.writeUInt32BE(at, at)
    const sent = Buffer.concat([answer(1, payload), answer(2, Buffer.from('next'))])
    for (let at = 0; at < sent.length; at += 65_536) take(sent.subarray(at, at + 65_536))
    expect(found.map(({ length }) => length)).toEqual([21_000_008, 12])
    expect(found[0]?.equals(sent.subarray(0, 21_000_008))).toBe(true)
  })
})
