import { Buffer } from 'node:buffer'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { messagePack } from '../../src/serde/messagePack.ts'

const serde = messagePack<unknown>()
const encode = (value: unknown) => serde.encode(value) as Buffer
const through = (value: unknown) => serde.decode(encode(value))
const hex = (value: unknown) => encode(value).toString('hex')
const fromHex = (digits: string) => serde.decode(Buffer.from(digits, 'hex'))

/** Another implementation, which agrees about everything that the specification has. */
const other = new Packr({ useRecords: false, int64AsType: 'auto' as never })

/** -0 comes back as 0, as in JSON. */
const number = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger()).map((given) => given + 0)
/** A byte order mark at the beginning is refused, and so is a key `__proto__`; they have tests of their own. */
const text = fc.string({ unit: 'grapheme' }).filter((given) => !given.startsWith('\uFEFF'))
const name = text.filter((given) => given !== '__proto__')
const plain = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(null, true, false), number, text, tie('array'), tie('object')),
  array: fc.array(tie('value')),
  object: fc.dictionary(name, tie('value'), { noNullPrototype: true }),
})).value

const bytes = fc.uint8Array().map((array) => Buffer.from(array))
const rich = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    plain,
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    bytes,
    tie('array'),
    tie('map'),
    tie('set'),
    tie('object'),
  ),
  array: fc.array(tie('value')),
  map: fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
  set: fc.array(tie('value')).map((items) => new Set(items)),
  object: fc.dictionary(name, tie('value'), { noNullPrototype: true }),
})).value

describe('MessagePack gives back', () => {
  it('whatever it takes', () => {
    fc.assert(
      fc.property(rich, (value) => {
        expect(through(value)).toStrictEqual(value)
      }),
    )
  })

  it.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['Infinity', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['numbers beyond the safe integers', [2 ** 53, -(2 ** 53), 2 ** 64, 1e300, Number.MIN_VALUE]],
    [
      'bigints at all limits',
      [
        0n,
        -1n,
        2n ** 53n,
        -(2n ** 53n),
        2n ** 63n,
        -(2n ** 63n),
        2n ** 64n,
        -(2n ** 63n) - 1n,
        255n,
        256n,
        -128n,
        -129n,
      ],
    ],
    [
      'dates at all limits',
      [-8.64e15, -1, 0, 1, 2 ** 32 * 1000 - 1, 2 ** 32 * 1000, 2 ** 34 * 1000 - 1, 2 ** 34 * 1000, 8.64e15].map(
        (at) => new Date(at),
      ),
    ],
    [
      'a Map of Maps',
      new Map<unknown, unknown>([
        [new Map([[1, 'a']]), new Map([['k', null]])],
        [null, Number.NaN],
        ['', 0n],
      ]),
    ],
    [
      'strings at all limits',
      [31, 32, 50, 51, 66, 67, 100, 101, 200, 201, 255, 256, 65_535, 65_536].flatMap((size) =>
        ['a', 'é', '→', '😀'].map((one) => one.repeat(size)),
      ),
    ],
    ['collections at all limits', [15, 16, 65_535, 65_536].map((size) => Array.from({ length: size }, (_, at) => at))],
    [
      'objects at all limits',
      [15, 16, 65_536].map((size) => Object.fromEntries(Array.from({ length: size }, (_, at) => [`k${at}`, at]))),
    ],
    ['bytes at all limits', [0, 255, 256, 65_535, 65_536].map((size) => Buffer.alloc(size, 7))],
    ['long names', { ['n'.repeat(31)]: 1, ['n'.repeat(32)]: 2, ['ñ'.repeat(300)]: 3, '': 4 }],
  ])('%s', (_, value) => {
    expect(through(value)).toStrictEqual(value)
    expect(through([value])).toStrictEqual([value])
  })

  it('one message after the other, whatever was large or wrong before', () => {
    const small = encode({ a: 1 })
    expect(() => encode({ a: [1, Symbol('s')] })).toThrow()
    const large = { text: 'x'.repeat(3_000_000), list: [1] }
    expect(through(large)).toStrictEqual(large)
    expect(encode({ a: 1 })).toEqual(small)
    expect(serde.decode(small)).toEqual({ a: 1 })
  })

  it('the names that it read before, although their bytes have become others since', () => {
    const message = encode({ first: 1 })
    const before = Buffer.from(message)
    expect(serde.decode(message)).toEqual({ first: 1 })
    message.fill('x', 2, 7)
    expect(serde.decode(message)).toEqual({ xxxxx: 1 })
    expect(serde.decode(before)).toEqual({ first: 1 })
  })

  it('-0 as 0, as JSON does', () => {
    expect(through([-0, { n: -0 }])).toStrictEqual([0, { n: 0 }])
  })

  it('bigints and numbers as what they were, side by side and within Maps', () => {
    const value = { n: 5, b: 5n, wide: [2 ** 40, 2n ** 40n], map: new Map([[1n, [-(2 ** 50), -(2n ** 50n)]]]) }
    expect(through(value)).toStrictEqual(value)
  })

  it('what is far deeper than the hundred levels that the library allows by itself', () => {
    let deep: unknown = 'ground'
    for (let level = 0; level < 500; level++) deep = level % 2 === 0 ? [deep] : { deep }
    expect(through(deep)).toStrictEqual(deep)
  })

  it('bytes as views of the record', () => {
    const message = encode({ raw: Buffer.from('abc') })
    const { raw } = serde.decode(message) as { raw: Buffer }
    message.fill('x', message.length - 3)
    expect(raw.toString()).toBe('xxx')
  })

  it('a Uint8Array as a Buffer with its bytes, and objects without the properties that are undefined', () => {
    expect(through({ raw: Uint8Array.of(1, 2), gone: undefined })).toStrictEqual({ raw: Buffer.from([1, 2]) })
    expect(Object.keys(through({ gone: undefined }) as object)).toEqual([])
    expect(through(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
    expect(through(runInNewContext('({ a: [1] })'))).toStrictEqual({ a: [1] })
  })

  it('a value whose getter encodes another one meanwhile', () => {
    const nosy = {
      before: 'x'.repeat(100),
      get inside() {
        return encode({ other: 'y'.repeat(10_000) }).length
      },
      after: true,
    }
    expect(through(nosy)).toEqual({ before: 'x'.repeat(100), inside: 10_010, after: true })
  })
})

describe('MessagePack as others write and read it', () => {
  it('agrees with another implementation about all plain data', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(other.unpack(encode(value))).toStrictEqual(value)
        // Not what was written: it writes -0 as 0.
        const bytes = Buffer.from(other.pack(value))
        expect(serde.decode(bytes)).toStrictEqual(other.unpack(bytes))
      }),
    )
  })

  it.each<[unknown, string]>([
    [null, 'c0'],
    [true, 'c3'],
    [127, '7f'],
    [128, 'cc80'],
    [-32, 'e0'],
    [-33, 'd0df'],
    [-129, 'd1ff7f'],
    [-32_769, 'd2ffff7fff'],
    [2 ** 32, 'cf0000000100000000'],
    [-(2 ** 31) - 1, 'd3ffffffff7fffffff'],
    [0.5, 'cb3fe0000000000000'],
    ['a', 'a161'],
    [[1], '9101'],
    [{ a: 1 }, '81a16101'],
    [Buffer.from([9]), 'c40109'],
    [-(2n ** 31n) - 1n, 'c70b422d32313437343833363439'],
    [new Date(1000), 'd6ff00000001'],
    [new Date(1500), 'd7ff7735940000000001'],
    [new Date(-500), 'c70cff1dcd6500ffffffffffffffff'],
    [5n, 'd44235'],
    [new Map([['a', 1]]), 'd64d92a16101'],
    [new Set([1]), 'd5539101'],
  ])('writes %o as %s', (value, digits) => {
    expect(hex(value)).toBe(digits)
    expect(fromHex(digits)).toStrictEqual(value)
  })

  it.each<[string, string, unknown]>([
    ['integers in longer forms than they need', '94cc01cd0001ce00000001cf0000000000000001', [1, 1, 1, 1]],
    ['signed ones', '94d001d1ffffd2ffffffffd3ffffffffffffffff', [1, -1, -1, -1]],
    ['64-bit integers that no number can be', '92cf0020000000000001d38000000000000000', [2n ** 53n + 1n, -(2n ** 63n)]],
    ['32-bit floats', 'ca3fc00000', 1.5],
    ['strings and lengths in longer forms', '93d90161da000161db0000000161', ['a', 'a', 'a']],
    ['arrays and maps in longer forms', '92dd00000001c0df00000001d9016101', [[null], { a: 1 }]],
    ['maps with numbers as keys', '82a16101057f', { a: 1, 5: 127 }],
    ['binary in longer forms', '92c5000101c60000000102', [Buffer.of(1), Buffer.of(2)]],
    ['timestamps finer than a millisecond', 'd7ff0000000400000001', new Date(1000)],
    ['extensions in longer forms', '92c7014235c800014235', [5n, 5n]],
    ['64-bit integers within Maps and Sets', 'c70a5391cf0000000000000001', new Set([1])],
    [
      'bigints of many digits',
      `c71e42${Buffer.from('-12345678901234567890123456789').toString('hex')}`,
      -12345678901234567890123456789n,
    ],
  ])('reads %s', (_, digits, value) => {
    expect(fromHex(digits)).toStrictEqual(value)
  })
})

describe('MessagePack refuses to write', () => {
  class Order {
    readonly id = 1
  }

  it.each<[unknown, string]>([
    [{ at: [new Date(Number.NaN)] }, 'value.at[0] is an invalid Date'],
    [{ f: () => 1 }, 'value.f is of type function'],
    [Symbol('s'), 'value is of type symbol'],
    [{ list: [1, new Order()] }, 'value.list[1] is a Order'],
    [new Float64Array(1), 'value is a Float64Array'],
    [/a/, 'value is a RegExp'],
    [{ t: 'a\udc00' }, 'value.t has half a surrogate pair'],
    [`${'a'.repeat(100)}\ud800`, 'value has half a surrogate pair'],
    [{ '\ud800': 1 }, 'value.\ud800 has half a surrogate pair'],
    [{ list: [1, undefined] }, 'value.list[1] is of type undefined'],
    [undefined, 'value is of type undefined'],
    [new Set([undefined]), 'value[0] is of type undefined'],
    [{ t: `\uFEFF${'a'.repeat(300)}` }, 'value.t begins with a byte order mark'],
    [{ a: [JSON.parse('{"__proto__": {"admin": true}}')] }, 'value.a[0] has a key __proto__'],
    [new Uint16Array(1), 'value is a Uint16Array'],
    [new Error('no'), 'value is a Error'],
    [new Map([['k', new Set([Object(1)])]]), 'value[1][0] is a Number'],
  ])('%o', (value, says) => {
    expect(() => encode(value)).toThrow(new TypeError(`${says}, which MessagePack cannot encode`))
  })

  it('what is a part of itself', () => {
    const loop: unknown[] = []
    loop.push([loop])
    expect(() => encode(loop)).toThrow(new TypeError('value is too deep or too large, or a part of itself'))
    expect(hex([1])).toBe('9101')
  })
})

describe('MessagePack refuses to read', () => {
  it.each<[string, string, string]>([
    ['nothing', '', 'Offset is outside the bounds of the DataView'],
    ['what is cut off', 'a261', 'Insufficient data'],
    ['more than one value', '0102', 'Extra 1 of 2 byte(s) found at buffer[1]'],
    ['the byte that begins nothing', 'c1', 'Unrecognized type byte: 0xc1'],
    ['extensions that it does not know', 'd40500', 'an extension has the unknown type 5'],
    ['negative ones', 'd4fe00', 'an extension has the unknown type -2'],
    ['records, which would change how later bytes are read', 'd4724091a16105', 'an extension has the unknown type 114'],
    ['what claims to be long', 'ddffffffff', 'Max length exceeded: array length'],
    ['what claims to have many keys', 'dfffffffff', 'Offset is outside the bounds of the DataView'],
    ['an extension that claims to be long', 'c9ffffffff4d90', 'Insufficient data'],
    ['an extension that is longer than what is in it', 'c9000000024d90c0', 'Extra 1 of 2 byte(s) found at buffer[1]'],
    ['one that is shorter', '92c900000001539101', 'Offset is outside the bounds of the DataView'],
    ['a Map with half an entry', 'c9000000024d9101', 'a Map has a key without a value'],
    ['a Map without an array', 'd44dc0', 'the content of a Map or Set is not an array'],
    ['a Set of text', 'd553a161', 'the content of a Map or Set is not an array'],
    ['bigints without digits', 'c70042', 'a bigint has no digits'],
    ['bigints of something else', 'c704423078313a', 'a bigint has no digits'],
    ['maps with other keys', '81c001', 'The type of key must be string or number but object'],
    ['timestamps of other lengths', 'd5ff0000', 'Unrecognized data size for timestamp (expected 4, 8, or 12): 2'],
    ['timestamps that no Date can be', 'c70cff000000007fffffffffffffff', 'a timestamp is outside the range of Date'],
  ])('%s', (_, digits, says) => {
    expect(() => fromHex(digits)).toThrow(new TypeError(`the bytes are not MessagePack that can be read: ${says}`))
  })

  it('a claim to be long, before it makes room for it', () => {
    const claim = fc.integer({ min: 20, max: 2 ** 25 })
    fc.assert(
      fc.property(claim, (length) => {
        const message = Buffer.of(0xdd, 0, 0, 0, 0, 1, 2, 3)
        message.writeUInt32BE(length, 1)
        expect(() => serde.decode(message)).toThrow('Max length exceeded: array length')
      }),
    )
  })

  it('without telling what was in it', () => {
    const message = encode({ card: '4111 1111', list: ['hunter2', 'hunter2'], pin: new Map([['hunter2', 4111n]]) })
    const spoil = fc.tuple(fc.nat(message.length - 1), fc.nat(255), fc.nat(message.length))
    fc.assert(
      fc.property(spoil, ([at, byte, end]) => {
        const spoilt = Buffer.from(message.subarray(0, end))
        if (at < end) spoilt[at] = byte
        expect(saidOf(() => serde.decode(spoilt))).not.toMatch(/hunter2|4111/)
      }),
      { numRuns: 3_000 },
    )
  })

  it('tombstones', () => {
    expect(() => serde.decode(null)).toThrow('tombstone')
  })

  it('what is too deep, and continues', () => {
    const deep = Buffer.concat([Buffer.alloc(1_000_000, 0x91), Buffer.of(0xc0)])
    expect(() => serde.decode(deep)).toThrow(
      new TypeError('the bytes are not MessagePack that can be read: Maximum call stack size exceeded'),
    )
    expect(fromHex('01')).toBe(1)
  })

  it('every part of a message, and nothing but with a TypeError', () => {
    fc.assert(
      fc.property(rich, (value) => {
        const message = encode(value)
        for (let end = 0; end < Math.min(message.length, 200); end++) {
          expect(() => serde.decode(message.subarray(0, end))).toThrow(TypeError)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('any other bytes, or reads a value that it also writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        let value: unknown
        try {
          value = serde.decode(Buffer.from(noise))
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(TypeError)
          return
        }
        // Bytes that are no UTF-8 may come as text that no UTF-8 is.
        const refusal = saidOf(() => encode(value))
        if (refusal === '') expect(through(value)).toStrictEqual(value)
        else expect(refusal).toMatch(/half a surrogate pair|byte order mark/)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a key __proto__ in MessagePack', () => {
  it('is refused, also among others, and is no prototype to anybody', () => {
    const name = `a9${Buffer.from('__proto__').toString('hex')}`
    for (const digits of [`81${name}81a561646d696ec3`, `83a16101${name}81a561646d696ec3a16202`]) {
      expect(() => fromHex(digits)).toThrow('The key __proto__ is not allowed')
      expect(({} as { admin?: unknown }).admin).toBeUndefined()
    }
  })

  it('is data if it is no key', () => {
    const value = { constructor: 1, toString: '__proto__', map: new Map([['__proto__', '__proto__']]) }
    expect(through(value)).toStrictEqual(value)
  })
})

describe('MessagePack with a validator', () => {
  const order = messagePack(z.object({ at: z.date(), lines: z.map(z.string(), z.bigint()) }))

  it('validates what is read, which need not be JSON', () => {
    const value = { at: new Date(5), lines: new Map([['a', 3n]]) }
    expect(order.decode(order.encode(value) as Buffer)).toEqual(value)
    expect(() => order.decode(encode({ at: 5, lines: new Map() }))).toThrow('at .at: expected date, got number')
    expect(order.parse?.(encode({ old: 1 }))).toEqual({ old: 1 })
  })
})

/** The message of what is thrown, or nothing. */
function saidOf(act: () => unknown): string {
  try {
    act()
    return ''
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(TypeError)
    return (thrown as TypeError).message
  }
}
