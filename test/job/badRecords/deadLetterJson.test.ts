import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeadLetter } from '../../../src/job/badRecords/deadLetter.ts'
import { deadLetterJson } from '../../../src/job/badRecords/deadLetterJson.ts'

const letter = (value: unknown, key: unknown = null): DeadLetter => ({
  ...{ value, key, timestamp: 5, headers: [], topic: 't', partition: 1, offset: 2 },
  ...{ operator: 'map', code: 'OPERATOR_FAILED', message: 'no', job: 'j' },
})

const json = (of: DeadLetter): unknown => JSON.parse(deadLetterJson.encode(of)?.toString() ?? '')
const back = (of: DeadLetter): DeadLetter => deadLetterJson.decode(deadLetterJson.encode(of) as Buffer)

describe('a dead letter as JSON', () => {
  it('has strings and JSON as they are, and bytes as marked base64', () => {
    const headers = [{ name: 'h', value: Buffer.from([255]) }]
    expect(json({ ...letter({ a: ['x', 1, null, true] }, Buffer.from('k')), headers })).toEqual({
      ...letter({ a: ['x', 1, null, true] }),
      key: { $bytes: 'aw==' },
      headers: [{ name: 'h', value: { $bytes: '/w==' } }],
    })
  })

  it.each([
    ['bytes', Buffer.from([0, 255, 128])],
    ['bytes within', { a: [{ b: Buffer.from('b') }] }],
    ['a bigint', [12n, -(2n ** 70n)]],
    ['numbers that JSON does not have', [Number.NaN, Infinity, -Infinity, -0]],
    ['undefined', [undefined]],
    ['a date', { at: new Date(5) }],
    ['an object that looks like a mark', { $bytes: 'no', x: { $plain: { $bigint: 1 } } }],
    ['an object that looks like a mark alone', { $bytes: { $undefined: 1 } }],
    ['the empty object', {}],
  ])('comes back as it was: %s', (_, value) => {
    expect(back(letter(value, value))).toEqual(letter(value, value))
  })

  it('comes back as it was, whatever JSON it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(back(letter(value))).toEqual(letter(value))
      }),
    )
  })

  const circular: Record<string, unknown> = { a: 1 }
  circular.self = circular
  const throwing = Object.defineProperty({}, 'x', { enumerable: true, get: () => thrown() })
  function thrown(): never {
    throw new Error('by a getter')
  }
  let deep: unknown = 'bottom'
  for (let depth = 0; depth < 20_000; depth++) deep = [deep]

  it.each<[string, unknown, string]>([
    ['a function', () => 1, '[Function'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a Map', new Map([['k', 1]]), "Map(1) { 'k' => 1 }"],
    ['a regular expression', /x/, '/x/'],
    ['what throws when it is looked at', throwing, ''],
    ['what is too deep', deep, ''],
    ['an invalid date', new Date(Number.NaN), 'Invalid Date'],
  ])('shows as text, and never refuses: %s', (_, value, text) => {
    expect(back(letter(value)).value).toContain(text)
  })

  it('shows where an object contains itself', () => {
    expect(back(letter(circular)).value).toEqual({ a: 1, self: '[Circular]' })
  })

  it('says what an object says about itself', () => {
    expect(back(letter({ toJSON: () => ({ id: 1n }) })).value).toEqual({ id: 1n })
  })

  it.each(['null', '{}', '{"topic":"t"}', 'x', '[]'])('refuses a value that is not a letter: %s', (bytes) => {
    expect(() => deadLetterJson.decode(Buffer.from(bytes))).toThrow()
  })

  it('refuses a tombstone, and a mark that it does not know', () => {
    expect(() => deadLetterJson.decode(null)).toThrow(TypeError)
    const unknown = Buffer.from(JSON.stringify(letter({ $new: 1 })))
    expect(() => deadLetterJson.decode(unknown)).toThrow('$new')
  })
})
