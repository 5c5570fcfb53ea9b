import { Buffer } from 'node:buffer'
import * as t from 'io-ts'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bytes } from '../../src/serde/bytes.ts'
import { type Codec, isCodec, serdeOf } from '../../src/serde/codec.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

const cents = z.codec(z.int(), z.number(), { decode: (read) => read / 100, encode: (value) => Math.round(value * 100) })

describe('what is given as a codec', () => {
  it('is a serde as it is', () => {
    const own: Serde<number> = { encode: (value) => Buffer.from([value]), decode: (read) => read?.[0] ?? 0 }
    for (const serde of [own, text, bytes] as Serde<unknown>[]) expect(serdeOf(serde)).toBe(serde)
  })

  it.each<[string, Codec<{ n: number }>]>([
    ['an io-ts codec', t.type({ n: t.number })],
    ['an io-ts codec of a class of its own', Object.create(t.type({ n: t.number }))],
    ['a zod schema, although that has encode and decode', z.object({ n: z.number() })],
    ['a valibot schema', v.object({ n: v.number() })],
    [
      'a schema that is a function',
      Object.assign(() => undefined, { '~standard': z.object({ n: z.number() })['~standard'] }),
    ],
  ])('becomes validated JSON where it is %s', (_, codec) => {
    const serde = serdeOf(codec)
    expect(serde.encode({ n: 1 })).toEqual(Buffer.from('{"n":1}'))
    expect(serde.decode(Buffer.from('{"n":1}'))).toEqual({ n: 1 })
    expect(() => serde.decode(Buffer.from('{"n":"1"}'))).toThrow('at .n: expected number, got string')
    expect(isCodec(codec)).toBe(true)
  })

  it.each([[undefined], [null], [{}], ['text'], [() => 1], [{ encode: () => null }]])(
    'is refused where it is %o',
    (given) => {
      expect(isCodec(given)).toBe(false)
      expect(thrownBy(() => serdeOf(given as never))).toMatchObject({
        code: 'NOT_A_CODEC',
        consequence: 'fatal',
        hint: expect.stringContaining('json()'),
      })
    },
  )
})

describe('a codec that changes what it reads', () => {
  const date = new t.Type<Date, string, unknown>(
    'Date',
    (u): u is Date => u instanceof Date,
    (u, context) => (typeof u === 'string' ? t.success(new Date(u)) : t.failure(u, context)),
    (value) => value.toISOString(),
  )

  it('writes what an io-ts codec encodes to', () => {
    const serde = serdeOf(t.type({ at: date }))
    const at = new Date('2026-01-01T00:00:00.000Z')
    expect(serde.encode({ at })?.toString()).toBe('{"at":"2026-01-01T00:00:00.000Z"}')
    expect(serde.decode(Buffer.from('{"at":"2026-01-01T00:00:00.000Z"}'))).toEqual({ at })
  })

  it('reads the output of a Standard Schema, and writes that as it is', () => {
    const serde = serdeOf(z.object({ id: z.string(), n: z.coerce.number(), extra: z.string().default('none') }))
    expect(serde.decode(Buffer.from('{"id":"a","n":"12","more":1}'))).toEqual({ id: 'a', n: 12, extra: 'none' })
    expect(serde.encode({ id: 'a', n: 12, extra: 'none' })?.toString()).toBe('{"id":"a","n":12,"extra":"none"}')
    expect(serdeOf(cents).decode(Buffer.from('1250'))).toBe(12.5)
    expect(serdeOf(cents).encode(12.5)?.toString()).toBe('12.5')
  })

  it('is told what the bytes say by parse, before any validation', () => {
    const serde = serdeOf(z.object({ n: z.coerce.number() }))
    expect(serde.parse?.(Buffer.from('{"n":"12","old":true}'))).toEqual({ n: '12', old: true })
  })
})
