import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Key } from '../../src/record.ts'
import { decodeKey, encodeKey, isKey } from '../../src/state/keys.ts'

const number = fc.double({ noNaN: true })
const key: fc.Arbitrary<Key> = fc.oneof(fc.string({ unit: 'binary' }), number, fc.integer(), fc.bigInt(), fc.boolean())
/** What -0 becomes: the same key as 0, as in a Map. */
const plain = (given: Key): Key => (given === 0 ? 0 : given)

describe('keys', () => {
  it('come back as they were, of every kind', () => {
    fc.assert(fc.property(key, (given) => void expect(decodeKey(encodeKey(given))).toBe(plain(given))))
    const edges: readonly Key[] = [0, -1, 2 ** 53, 5e-324, -1.7e308, Infinity, 0n, -(10n ** 40n), '', '\u0000', '💧']
    for (const edge of edges) expect(decodeKey(encodeKey(edge))).toBe(edge)
  })

  it('have the same bytes if and only if they are the same key', () => {
    fc.assert(
      fc.property(key, key, (a, b) => void expect(encodeKey(a).equals(encodeKey(b))).toBe(plain(a) === plain(b))),
    )
    const alike: readonly Key[] = [1, '1', 1n, true, 'true', 't', 0, '0', 0n, false, '']
    expect(new Set(alike.map((one) => encodeKey(one).toString('hex'))).size).toBe(alike.length)
  })

  it('take -0 for 0', () => {
    expect(encodeKey(-0)).toEqual(encodeKey(0))
    expect(decodeKey(encodeKey(-0))).toBe(0)
  })

  it('that are numbers sort as the numbers do', () => {
    const ends: readonly number[] = [-Infinity, -1, -5e-324, 0, 5e-324, 1, Infinity]
    const any = fc.oneof(number, fc.constantFrom(...ends))
    fc.assert(
      fc.property(
        any,
        any,
        (a, b) => void expect(Buffer.compare(encodeKey(a), encodeKey(b))).toBe(a === b ? 0 : a < b ? -1 : 1),
      ),
    )
  })

  it.each([['\uD800'], ['a\uDC00b'], [NaN], [null], [undefined], [Symbol.iterator], [{}], [[]], [Buffer.of(1)]])(
    'cannot be %s',
    (value) => expect(isKey(value)).toBe(false),
  )

  it.each(['a', '', '💧', 0, -0, Infinity, 0n, true, false])('can be %s', (value) => expect(isKey(value)).toBe(true))

  it.each(['', '00', '6e00', '6e000000000000000000ff', '69', '7400', '6600', '62'])(
    'are not read out of other bytes: %s',
    (hex) => expect(() => decodeKey(Buffer.from(hex, 'hex'))).toThrow(TypeError),
  )
})
