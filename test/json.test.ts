import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson, stringifyJson } from '../src/json.ts'
import type { Json } from '../src/record.ts'

describe('JSON that comes back as it went', () => {
  test('any JSON value does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false } as never), (value) => {
        expect(JSON.stringify(parseJson(stringifyJson(value as Json)))).toBe(JSON.stringify(value))
      }),
    )
  })

  test.each<[string, unknown]>([
    ['value.sums[1] is NaN', { sums: [1, Number.NaN] }],
    ['value is Infinity', Number.POSITIVE_INFINITY],
    ['value[0] is of type undefined', [undefined]],
    ['value.at is a Date', { at: new Date(0) }],
    ['value is a Map', new Map([[1, 2]])],
    ['value.f is of type function', { f: () => 1 }],
    ['value.n is of type bigint', { n: 1n }],
    ['value is of type undefined', undefined],
  ])('%s, and is refused', (text, value) => {
    expect(() => stringifyJson(value as Json)).toThrow(text)
  })

  test('what is a part of itself is refused, and so is what is too deep', () => {
    const loop: { self?: object } = {}
    loop.self = [loop]
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    for (const value of [loop, deep]) {
      expect(() => stringifyJson(value)).toThrow(
        new TypeError('value is too deep or too long for JSON, or a part of itself'),
      )
    }
  })

  test('an undefined property and an object without prototype are fine', () => {
    expect(stringifyJson({ a: undefined, b: 1 } as unknown as Json)).toBe('{"b":1}')
    expect(stringifyJson(Object.assign(Object.create(null), { b: 1 }))).toBe('{"b":1}')
  })
})

describe('a key __proto__', () => {
  const disguises = ['"__proto__"', '"\\u005f_proto__"', '"_\\u005Fproto__"', '"__\\u0070roto__"', '"__pr\\u006fto__"']

  test.each(disguises)('written as %s stays data when the object is copied', (key) => {
    const parsed = parseJson(`{"a":{${key}:{"admin":true}},"b":1}`) as { a: Record<string, unknown> }
    const copy = Object.create(null)
    for (const name of Object.keys(parsed.a)) copy[name] = parsed.a[name]
    expect(Object.keys(copy)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(parsed.a)).toBeNull()
    expect((Object.assign(parsed.a, parsed.a) as { admin?: boolean }).admin).toBeUndefined()
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  test('is not lost on the way', () => {
    const state = parseJson('{"__proto__":{"count":3},"other":1}')
    expect(stringifyJson(state)).toBe('{"__proto__":{"count":3},"other":1}')
  })
})
