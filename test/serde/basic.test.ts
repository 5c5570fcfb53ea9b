import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bytes } from '../../src/serde/bytes.ts'
import { nullable } from '../../src/serde/nullable.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'

const tombstone = 'the value is null (a tombstone); use nullable(codec) to keep tombstones'

describe('text', () => {
  it('gives back any string that UTF-8 can say', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(text.decode(text.encode(value) as Buffer)).toBe(value)
      }),
    )
    expect(text.decode(Buffer.from('\uFFFD'))).toBe('\uFFFD')
  })

  it('refuses what it would have to change', () => {
    expect(() => text.encode('a\ud800')).toThrow('the string has half a surrogate pair, which UTF-8 cannot encode')
    expect(() => text.decode(Buffer.from([0xc3]))).toThrow('the bytes are not valid UTF-8')
    expect(() => text.decode(null)).toThrow(tombstone)
  })
})

describe('bytes', () => {
  it('are what they are', () => {
    const value = Buffer.from([0, 255])
    expect([bytes.encode(value), bytes.decode(value)]).toEqual([value, value])
    expect(() => bytes.decode(null)).toThrow(tombstone)
  })
})

describe('nullable', () => {
  it('reads and writes tombstones as null, and all else through its codec', () => {
    const serde = nullable(z.object({ n: z.number() }))
    expect([serde.encode(null), serde.decode(null), serde.parse?.(null)]).toEqual([null, null, null])
    expect(serde.encode({ n: 1 })).toEqual(Buffer.from('{"n":1}'))
    expect(serde.decode(Buffer.from('{"n":1}'))).toEqual({ n: 1 })
    expect(serde.parse?.(Buffer.from('{"m":1}'))).toEqual({ m: 1 })
    expect(() => serde.decode(Buffer.from('{"m":1}'))).toThrow('at .n')
    expect(nullable(text).parse?.(Buffer.from('a'))).toBe('a')
  })

  it('opens and prepares what is in it, but prepares no tombstone', async () => {
    const calls: unknown[] = []
    const inner: Serde<string> = {
      ...text,
      open: async () => void calls.push('open'),
      prepare: (given) => void calls.push(given?.toString()),
    }
    const serde = nullable(inner)
    await serde.open?.()
    expect([serde.prepare?.(null), serde.prepare?.(Buffer.from('a'))]).toEqual([undefined, undefined])
    expect(calls).toEqual(['open', 'a'])
    expect(nullable(text).prepare).toBeUndefined()
    await expect(nullable(text).open?.()).resolves.toBeUndefined()
  })
})
