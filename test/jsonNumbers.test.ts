import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson, parseWithBigints, stringifyJson, stringifyWithBigints } from '../src/json.ts'
import { json } from '../src/serde/json.ts'

const refused = (text: string): boolean => {
  try {
    parseJson(text)
    return false
  } catch (thrown) {
    expect(`${thrown}`).toMatch(/^TypeError: the number at position \d+ is not kept/)
    return true
  }
}

describe('a number of a JSON text', () => {
  test.each([
    '9007199254740993',
    '-9007199254740993',
    '{"id":73314510714175488,"amount":0.1}',
    '[-4185925123159566327]',
    '{"a":1e400}',
    '{"a":-1E+400}',
    '[12345678901234567890123]',
    '{"a":{"b":[ 9007199254740993.0 ]}}',
    '9007199254740993.00',
    `[${'1'.repeat(400)}.5]`,
    '{"text":"\\\\","id":9007199254740993}',
    '{"text":"a \\"quoted\\\\\\" text","id":9007199254740993}',
    '{"__proto__":1,"id":9007199254740993}',
  ])('is refused where it would come back as another one: %s', (text) => {
    expect(refused(text)).toBe(true)
  })

  test.each([
    '9007199254740991',
    '-9007199254740991',
    '9007199254740992',
    '[9007199254740992.0]',
    '{"a":100000000000000000000}',
    '[0.30000000000000004,12.345678901234567,0.1000000000000000055511151231257827]',
    '{"id":"9007199254740993"}',
    '{"9007199254740993":1}',
    '{"text":"say \\": 9007199254740993 1e400"}',
    '{"text":"\\\\\\":9007199254740993"}',
    '[-0,-0.0,0,1e-400,0.0000000000000000000000]',
    '[1e308,1E+308]',
    '{"trace":"4e1234","n":1e100}',
    '0.12345678901234567890',
  ])('is read where it would not, or where it is a text: %s', (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text))
  })

  test('is refused if and only if the number prints as something else', () => {
    const digits = fc.stringMatching(/^-?[1-9]\d{0,30}$/)
    fc.assert(
      fc.property(digits, fc.constantFrom('', '[', '{"a":', '[1, ', '{"b":"\\"","a":\t'), (number, before) => {
        const after = before.startsWith('{') ? '}' : before === '' ? '' : ']'
        expect(refused(before + number + after)).toBe(String(Number(number)) !== number)
      }),
      { numRuns: 2_000 },
    )
  })

  test('is never refused if JSON.stringify has written it', () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.bigInt(-(10n ** 22n), 10n ** 22n).map(Number),
    )
    fc.assert(
      fc.property(fc.array(fc.record({ n: numbers, text: fc.string() })), (value) => {
        const text = stringifyJson(value)
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('JSON with bigints', () => {
  test('comes back with every whole number as it was, in its digits too', () => {
    const parts = fc.letrec((part) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.bigInt(-(2n ** 70n), 2n ** 70n).map((n) => (n >= -(2n ** 53n) + 1n && n < 2n ** 53n ? Number(n) : n)),
        fc.string(),
        fc.constantFrom('"', '\\', '\\"', '"12345678901234567890"'),
        fc.array(part('any')),
        fc.dictionary(fc.string(), part('any')),
      ),
    }))
    fc.assert(
      fc.property(parts.any, (value) => {
        const text = stringifyWithBigints(value)
        const back = parseWithBigints(text)
        expect(stringifyWithBigints(back)).toBe(text)
        expect(plain(back)).toEqual(plain(value))
      }),
      { numRuns: 1_000 },
    )
  })

  test('reads numbers as numbers if they hold them, and long ones as bigints', () => {
    expect(
      parseWithBigints('[1,9007199254740991,9007199254740993,-9007199254740993.0,0.5,"9007199254740993"]'),
    ).toEqual([1, 9007199254740991, 9007199254740993n, -9007199254740993n, 0.5, '9007199254740993'])
    expect(stringifyWithBigints({ a: 5n, b: [2n ** 64n] })).toBe('{"a":5,"b":[18446744073709551616]}')
  })

  test('gives back a number for each number that it was given, however large', () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.bigInt(-(10n ** 22n), 10n ** 22n).map(Number),
      fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 60, 1e20, 1e21, Number.MAX_VALUE),
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(numbers, fc.record({ n: numbers, id: fc.constant(2n ** 64n) }))), (value) => {
        expect(parseWithBigints(stringifyWithBigints(value))).toEqual(value.map(withoutNegativeZero))
      }),
      { numRuns: 1_000 },
    )
    expect(stringifyWithBigints([2 ** 60, 5n])).toBe('[1.152921504606847e+18,5]')
    expect(stringifyWithBigints(2 ** 60)).toBe('1.152921504606847e+18')
  })

  test('is JSON all the same', () => {
    for (const text of ['{12345678901234567890:1}', '[12345678901234567890', '012345678901234567890', '[1e400]'])
      expect(() => parseWithBigints(text), text).toThrow()
    expect(() => stringifyWithBigints({ a: 1n, at: new Date() })).toThrow('value.at is a Date')
  })

  test('keeps a key __proto__ as data', () => {
    const parsed = parseWithBigints('{"__proto__":{"id":12345678901234567890}}') as object
    expect(Object.getPrototypeOf(parsed)).toBeNull()
    expect(Object.keys(parsed)).toEqual(['__proto__'])
  })
})

describe('the codec json()', () => {
  const bytes = Buffer.from('{"id":9007199254740993}')

  test('refuses a number that it would change, says where, and what reads it', () => {
    expect(() => json().decode(bytes)).toThrow(/at position 6 .*json\(\{ bigints: true \}\)/)
    expect(() => json().decode(bytes)).not.toThrow(/900719/)
    expect(() => json().encode({ id: 1n })).toThrow('value.id is of type bigint')
  })

  test('keeps it on request, with a validator too', () => {
    expect(json({ bigints: true }).decode(bytes)).toEqual({ id: 9007199254740993n })
    expect(json({ bigints: true }).encode({ id: 9007199254740993n })).toEqual(bytes)
    const validator = { '~standard': { version: 1, vendor: 't', validate: (value: unknown) => ({ value }) } } as const
    expect(json(validator, { bigints: true }).decode(bytes)).toEqual({ id: 9007199254740993n })
    expect(() => json(validator).decode(bytes)).toThrow(TypeError)
  })

  test('refuses options that it does not have', () => {
    expect(() => json({ bigint: true } as never)).toThrow(/BAD_OPTION: .*"bigint".*did you mean "bigints"/)
  })
})

/** For toEqual, which takes bigints in objects without prototypes for something else. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([name, part]) => [name, plain(part)])
}

/** As JSON has it. */
function withoutNegativeZero(value: number | { n: number; id: bigint }): unknown {
  return typeof value === 'number' ? value + 0 : { ...value, n: value.n + 0 }
}
