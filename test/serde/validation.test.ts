import { Buffer } from 'node:buffer'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as t from 'io-ts'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { json } from '../../src/serde/json.ts'
import { messagePack } from '../../src/serde/messagePack.ts'
import type { Validator } from '../../src/serde/validator.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

function refusal(validator: Validator<unknown>, value: unknown): string {
  try {
    json(validator).decode(Buffer.from(JSON.stringify(value)))
  } catch (thrown) {
    return thrown instanceof TypeError ? thrown.message : String(thrown)
  }
  return 'accepted'
}

const secret = '4111 1111 1111 1111'
const item = { price: 1 }

describe('what does not validate is refused with place, expectation and type', () => {
  const ioTs = t.type({ items: t.array(t.type({ price: t.number })) })
  const zod = z.object({ items: z.array(z.object({ price: z.number() })) })
  const valibot = v.object({ items: v.array(v.object({ price: v.number() })) })

  it.each<[string, Validator<unknown>]>([
    ['io-ts', ioTs],
    ['zod', zod],
    ['valibot', valibot],
  ])('by %s', (_, validator) => {
    const items = (wrong: unknown) => ({ items: [item, item, item, { price: wrong }] })
    expect(refusal(validator, items(2))).toBe('accepted')
    expect(refusal(validator, items(secret))).toBe('at .items[3].price: expected number, got string')
    expect(refusal(validator, items(null))).toBe('at .items[3].price: expected number, got null')
    expect(refusal(validator, items([secret]))).toBe('at .items[3].price: expected number, got array')
    expect(refusal(validator, items({ secret }))).toBe('at .items[3].price: expected number, got object')
    expect(refusal(validator, { items: [item, {}] })).toMatch(
      /^at \.items\[1\]\.price: expected (number|"price"), got undefined$/,
    )
    expect(refusal(validator, { items: [{ price: '' }, item, { price: '' }] })).toMatch(
      /^at \.items\[0\]\.price: expected number, got string( \(and 1 more\))$/,
    )
  })

  it('as a whole, without a place', () => {
    expect(refusal(t.type({ a: t.string }), 1)).toBe('expected { a: string }, got number')
    expect(refusal(z.object({}), 1)).toBe('expected object, got number')
    expect(refusal(v.object({}), 1)).toBe('expected Object, got number')
  })

  it('also if names are odd', () => {
    const validator = t.record(t.string, t.record(t.string, t.number))
    expect(refusal(validator, { 'a b': { ä_1: true } })).toBe('at ["a b"].ä_1: expected number, got boolean')
  })

  it('by all members of an io-ts union at once, and without the numbers of its parts', () => {
    const validator = t.intersection([t.type({ a: t.union([t.string, t.null]) }), t.partial({ b: t.number })])
    expect(refusal(validator, { a: 1 })).toBe('at .a: expected string or null, got number')
    expect(refusal(validator, { a: null, b: false })).toBe('at .b: expected number, got boolean')
    expect(refusal(t.tuple([t.string, t.number]), ['a', 'b'])).toBe('at [1]: expected number, got string')
  })

  it('by the message that an io-ts codec gives', () => {
    const even = new t.Type<number, number, unknown>(
      'Even',
      (u): u is number => true,
      (u, context) => t.failure(u, context, 'must be even'),
      t.identity,
    )
    expect(refusal(t.type({ n: even }), { n: 3 })).toBe('at .n: must be even')
  })
})

describe('no message has the value in it', () => {
  it.each<[string, Validator<unknown>, string]>([
    ['io-ts literals', t.literal('a'), 'expected "a", got string'],
    ['zod literals', z.literal('a'), 'Invalid input: expected "a"'],
    ['zod checks', z.email(), 'Invalid email address'],
    ['valibot literals', v.literal('a'), 'expected "a", got string'],
    ['valibot checks that expect something', v.pipe(v.string(), v.maxLength(3)), 'expected <=3, got string'],
    ['valibot checks that do not', v.pipe(v.string(), v.email()), 'Invalid email: Received string'],
  ])('of %s', (_, validator, says) => {
    expect(refusal(validator, secret)).toBe(says)
  })

  it('of a validator of no library', () => {
    const own: StandardSchemaV1<unknown, string> = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: () => ({ issues: [{ message: 'no', path: ['a', { key: 0 }] }] }),
      },
    }
    expect(refusal(own, { a: [secret] })).toBe('at .a[0]: no')
  })

  it('of a number that JSON does not have', () => {
    const validated = messagePack(t.type({ n: t.Int, at: t.string }))
    const message = (value: unknown) => () => validated.decode(messagePack().encode(value) as Buffer)
    expect(message({ n: Number.NaN, at: '' })).toThrow('at .n: expected Int, got NaN')
    expect(message({ n: 1, at: new Date() })).toThrow('at .at: expected string, got Date')
    expect(message({ n: 1n, at: '' })).toThrow('at .n: expected Int, got bigint')
    expect(message({ n: new Map(), at: '' })).toThrow('at .n: expected Int, got Map')
  })
})

describe('a validator that answers later', () => {
  const later = z.string().refine(async () => true)

  it('is refused: the job ends whatever it does with bad records', () => {
    const error = thrownBy(() => json(later).decode(Buffer.from('"a"')))
    expect(error).toMatchObject({ code: 'ASYNC_SCHEMA', consequence: 'fatal', badRecord: false })
    expect(error.message).toBe(
      'ASYNC_SCHEMA: the validator (zod) returned a promise, but records are decoded synchronously. Use a schema without asynchronous steps, and do asynchronous checks in asyncMap',
    )
  })

  it('leaves no rejection that nobody handles', async () => {
    const rejected: unknown[] = []
    const listener = (reason: unknown) => rejected.push(reason)
    process.on('unhandledRejection', listener)
    const failing: StandardSchemaV1<unknown, string> = {
      '~standard': { version: 1, vendor: 'own', validate: () => Promise.reject(new Error('late')) },
    }
    expect(thrownBy(() => json(failing).decode(Buffer.from('"a"'))).code).toBe('ASYNC_SCHEMA')
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect(rejected).toEqual([])
  })
})
