import avsc from 'avsc'
import fc from 'fast-check'
import { json, type Serde } from 'rxweft'
import { describe, expect, it } from 'vitest'
import { rejectionOf, thrownBy } from '../../../tools/support/thrown.ts'
import { type AvroOptions, type ProtobufOptions, type SchemaRegistry, schemaRegistry } from '../src/index.ts'
import { decodeIndexes, encodeIndexes } from '../src/messageIndexes.ts'
import { fakeRegistry } from './fakeRegistry.ts'
import { read, written } from './through.ts'

async function registry(): Promise<SchemaRegistry> {
  return schemaRegistry({ url: (await fakeRegistry()).url })
}

async function avro(schema: object | string, more: AvroOptions = {}): Promise<Serde<unknown>> {
  const serde = (await registry()).avro<unknown>({ subject: 's', schema, register: true, ...more })
  await serde.open?.()
  return serde
}

const record = (...fields: object[]) => ({ type: 'record', name: 'Order', fields })

async function refusal(serde: Serde<unknown>, value: unknown): Promise<string> {
  await serde.open?.()
  try {
    serde.encode(value)
  } catch (thrown) {
    return thrown instanceof TypeError ? thrown.message : `no TypeError: ${thrown}`
  }
  return 'accepted'
}

describe('Avro', () => {
  it('gives back any value that its schema describes', async () => {
    const schema = record(
      { name: 'id', type: 'string' },
      { name: 'n', type: 'long' },
      { name: 'price', type: 'double' },
      { name: 'paid', type: 'boolean' },
      { name: 'raw', type: 'bytes' },
      { name: 'note', type: ['null', 'string'] },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: record({ name: 'sku', type: 'string' }) && {
            ...record({ name: 'sku', type: 'string' }),
            name: 'Line',
          },
        },
      },
      { name: 'tags', type: { type: 'map', values: 'int' } },
    )
    const serde = await avro(schema)
    const value = fc.record(
      {
        id: fc.string({ unit: 'grapheme' }),
        n: fc.maxSafeInteger(),
        price: fc.double({ noNaN: true }),
        paid: fc.boolean(),
        raw: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        note: fc.option(fc.string()),
        lines: fc.array(fc.record({ sku: fc.string() }, { noNullPrototype: true })),
        tags: fc.dictionary(
          fc.string().filter((name) => name !== '__proto__'),
          fc.integer(),
          { noNullPrototype: true },
        ),
      },
      { noNullPrototype: true },
    )
    await fc.assert(
      fc.asyncProperty(value, async (given) => {
        expect(await read(serde, serde.encode(given) as Buffer)).toStrictEqual(given)
      }),
    )
  })

  it('makes plain objects, which go on as JSON', async () => {
    const [a, b] = ['A', 'B'].map((name) => ({ ...record({ name: 'a', type: 'int' }), name }))
    const serde = await avro(
      record({ name: 'inner', type: a as object }, { name: 'either', type: ['int', 'long', 'A', b] }),
    )
    for (const either of [{ A: { a: 2 } }, { B: { a: 3 } }, { int: 1 }, { long: 1 }]) {
      const value = { inner: { a: 1 }, either }
      const given = await read(serde, serde.encode(value) as Buffer)
      expect(given).toStrictEqual(value)
      expect(json().encode(given)?.toString()).toBe(JSON.stringify(value))
    }
  })

  it('resolves what was written to what is read: defaults, promotions, fields that are gone', async () => {
    const { avro } = await registry()
    const old = record({ name: 'n', type: 'int' }, { name: 'gone', type: 'string' })
    const schema = record({ name: 'n', type: 'long' }, { name: 'added', type: 'string', default: 'none' })
    const bytes = await written(avro({ subject: 's', schema: old, register: true }), { n: 1, gone: 'x' })
    for (const [longs, n] of [
      [undefined, 1],
      ['bigint', 1n],
    ] as const) {
      const serde = avro({ schema, longs })
      expect(await read(serde, bytes)).toEqual({ n, added: 'none' })
      expect(serde.parse?.(bytes)).toEqual({ n: 1, gone: 'x' })
    }
    const long = await written(avro({ subject: 's', schema: record({ name: 'n', type: 'long' }), register: true }), {
      n: -(2 ** 52) - 1,
    })
    expect(await read(avro({ schema: record({ name: 'n', type: 'double' }) }), long)).toEqual({ n: -(2 ** 52) - 1 })
    expect(await read(avro({ schema: record({ name: 'n', type: 'float' }) }), long)).toEqual({ n: -(2 ** 52) })
  })

  it.each<[unknown, string]>([
    [{ price: 'secret' }, 'at .price: expected double, got string'],
    [{}, 'at .price: expected double, got undefined'],
    [{ price: 1, lines: [{ n: 1 }, { n: 'secret' }] }, 'at .lines[1].n: expected int, got string'],
    [{ price: 1, lines: [{ n: 2 ** 31 }] }, 'at .lines[0].n: expected int, got number'],
    [null, 'expected Order, got null'],
  ])('refuses to write %j, naming place and type', async (value, says) => {
    const line = { ...record({ name: 'n', type: 'int' }), name: 'Line' }
    const serde = await avro(
      record({ name: 'price', type: 'double' }, { name: 'lines', type: { type: 'array', items: line }, default: [] }),
    )
    expect(await refusal(serde, value)).toBe(says)
  })

  it('takes longs as numbers where they are safe, and as bigint where it is told so', async () => {
    const schema = record({ name: 'n', type: 'long' }, { name: 'm', type: ['null', { type: 'long' }] })
    const [numbers, bigints] = [await avro(schema), await avro(schema, { longs: 'bigint' })]
    const large = { n: 2n ** 63n - 1n, m: -(2n ** 63n) }
    const bytes = bigints.encode(large) as Buffer
    expect(await read(bigints, bytes)).toStrictEqual(large)
    await expect(read(numbers, bytes)).rejects.toThrow("a long is beyond the safe integers; set longs: 'bigint'")
    expect(await read(numbers, bigints.encode({ n: 5n, m: null }) as Buffer)).toStrictEqual({ n: 5, m: null })
    expect(await refusal(bigints, { n: 5, m: null })).toBe('at .n: expected long, got number')
    expect(await refusal(bigints, { n: 2n ** 63n, m: null })).toBe('at .n: expected long, got bigint')
  })

  it('writes and reads longs as its specification has them', async () => {
    const serde = await avro('long', { longs: 'bigint' })
    for (const [value, hex] of [
      [0n, '00'],
      [-1n, '01'],
      [1n, '02'],
      [-2n, '03'],
      [-64n, '7f'],
      [64n, '8001'],
    ] as const)
      expect((serde.encode(value) as Buffer).subarray(5).toString('hex')).toBe(hex)
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), async (value) => {
        const bytes = serde.encode(value) as Buffer
        expect(await read(serde, bytes)).toBe(value)
        expect(
          BigInt(
            `0b${[...bytes.subarray(5)]
              .reverse()
              .map((byte) => (byte & 0x7f).toString(2).padStart(7, '0'))
              .join('')}`,
          ),
        ).toBe(value < 0n ? -value * 2n - 1n : value * 2n)
      }),
    )
    const numbers = await avro('long')
    for (const value of [
      2 ** 51,
      -(2 ** 51),
      2 ** 52 + 1,
      -(2 ** 52) - 1,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ]) {
      expect(await read(numbers, numbers.encode(value) as Buffer)).toBe(value)
      expect(numbers.encode(value)).toEqual(serde.encode(BigInt(value)))
    }
  })

  it('refuses longs of more bits than 64, drops what is beyond in the last byte, and refuses what is no long', async () => {
    const [bigints, numbers] = [await avro('long', { longs: 'bigint' }), await avro('long')]
    const header = (numbers.encode(0) as Buffer).subarray(0, 5)
    const long = (hex: string) => read(bigints, Buffer.concat([header, Buffer.from(hex, 'hex')]))
    expect(await long('ffffffffffffffffff7f')).toBe(-(2n ** 63n))
    await expect(long('ffffffffffffffffffff01')).rejects.toThrow(new TypeError('a long has more than 64 bits'))
    for (const value of [1.5, 2 ** 53, Number.NaN, '1'])
      expect(await refusal(numbers, value)).toMatch(/^expected long, got/)
  })

  it('takes logical types', async () => {
    class DateType extends avsc.types.LogicalType {
      override _fromValue(value: number) {
        return new Date(value)
      }
      override _toValue(value: unknown) {
        return value instanceof Date ? value.getTime() : undefined
      }
    }
    const schema = record({ name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } })
    const serde = await avro(schema, { logicalTypes: { 'timestamp-millis': DateType } })
    const far = { at: new Date(-8.64e15) }
    expect(await read(serde, serde.encode(far) as Buffer)).toStrictEqual(far)
    const bytes = serde.encode({ at: new Date(5) }) as Buffer
    expect(await read(serde, bytes)).toStrictEqual({ at: new Date(5) })
    expect(await read(await avro(schema), bytes)).toStrictEqual({ at: 5 })
  })

  it('refuses data that is not one value of its schema', async () => {
    const serde = await avro(record({ name: 'a', type: 'string' }, { name: 'b', type: 'double' }))
    const bytes = serde.encode({ a: 'secret', b: 1 }) as Buffer
    for (let end = 5; end < bytes.length; end++) {
      await expect(read(serde, bytes.subarray(0, end))).rejects.toThrow(/^truncated buffer$/)
    }
    await expect(read(serde, Buffer.concat([bytes, Buffer.of(0)]))).rejects.toThrow(/^trailing data$/)
  })

  it('keeps a key __proto__ in maps as data', async () => {
    const serde = await avro({ type: 'map', values: { type: 'map', values: 'boolean' } })
    const bytes = serde.encode({ a: {}, x_proto_x: { admin: true }, b: {} }) as Buffer
    const evil = Buffer.from(bytes.toString('latin1').replace('x_proto_x', '__proto__'), 'latin1')
    const given = (await read(serde, evil)) as { admin?: boolean }
    expect(Object.keys(given)).toEqual(['a', '__proto__', 'b'])
    expect([given.admin, ({} as { admin?: boolean }).admin]).toEqual([undefined, undefined])
    expect(serde.encode(given)).toEqual(evil)
  })

  it.each<[object, string, unknown]>([
    [{ type: 'map', values: 'int' }, '0202610201060262040'.concat('0'), { a: 1, b: 2 }],
    [{ type: 'array', items: 'int' }, '020201020400', [1, 2]],
  ])('reads blocks of %j, and does not believe what a block claims', async (schema, blocks, value) => {
    const serde = await avro(schema)
    const header = (serde.encode(Array.isArray(value) ? [] : {}) as Buffer).subarray(0, 5)
    const given = (hex: string) => read(serde, Buffer.concat([header, Buffer.from(hex, 'hex')]))
    expect(await given(blocks)).toEqual(value)
    for (const claim of ['feffffff0f', 'feffffff0f02', 'ffffffff0f02'])
      await expect(given(claim)).rejects.toThrow('truncated buffer')
  })

  it('refuses what is no schema before anything is asked', async () => {
    const { avro } = await registry()
    expect(thrownBy(() => avro({ schema: { type: 'recrod' } }))).toMatchObject({
      code: 'BAD_SCHEMA',
      consequence: 'fatal',
    })
    expect(thrownBy(() => avro({ schema: '{' }))).toMatchObject({ code: 'BAD_SCHEMA' })
  })
})

describe('JSON Schema', () => {
  const schema = {
    type: 'object',
    properties: {
      id: { type: 'string' },
      lines: { type: 'array', items: { type: 'object', properties: { 'a/b': { type: 'number' } } } },
    },
    required: ['id'],
    additionalProperties: false,
  }

  it.each<[unknown, string]>([
    [{ id: 7 }, 'at /id: must be string, got number'],
    [{}, "must have required property 'id', got object"],
    [{ id: 'a', secret: 'secret' }, 'must NOT have additional properties, got object'],
    [{ id: 'a', lines: [{}, { 'a/b': 'secret' }] }, 'at /lines/1/a~1b: must be number, got string'],
  ])('refuses to write and to read %j, naming place and type', async (value, says) => {
    const { jsonSchema } = await registry()
    const serde = jsonSchema<unknown>({ subject: 's', schema, register: true })
    expect(await refusal(serde, value)).toBe(says)
    const bytes = Buffer.concat([
      (await written(serde, { id: 'a' })).subarray(0, 5),
      Buffer.from(JSON.stringify(value)),
    ])
    await expect(read(jsonSchema(), bytes)).rejects.toThrow(new TypeError(says))
    await serde.prepare?.(bytes)
    expect(serde.parse?.(bytes)).toEqual(value)
  })

  it('refuses what JSON cannot keep', async () => {
    const { jsonSchema } = await registry()
    expect(await refusal(jsonSchema<unknown>({ subject: 's', schema: {}, register: true }), [Number.NaN])).toContain(
      'value[0] is NaN',
    )
  })

  it('validates with the schema of the reader, if there is one', async () => {
    const { jsonSchema } = await registry()
    const bytes = await written(jsonSchema({ subject: 's', schema: {}, register: true }), { id: 7 })
    expect(await read(jsonSchema(), bytes)).toEqual({ id: 7 })
    await expect(read(jsonSchema({ schema }), bytes)).rejects.toThrow('at /id: must be string, got number')
  })

  it.each<[string, object, unknown, unknown]>([
    ['draft-06', { $schema: 'http://json-schema.org/draft-06/schema#', exclusiveMinimum: 5 }, 6, 5],
    ['draft-07', { $schema: 'http://json-schema.org/draft-07/schema#', if: { minimum: 5 }, else: false }, 5, 4],
    [
      '2019-09',
      { $schema: 'https://json-schema.org/draft/2019-09/schema', unevaluatedProperties: false },
      {},
      { a: 1 },
    ],
    [
      '2020-12',
      { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'string' }] },
      ['a'],
      [1],
    ],
  ])('knows %s', async (_, schema, fits, doesNot) => {
    const serde = (await registry()).jsonSchema<unknown>({ subject: 's', schema, register: true })
    expect([await refusal(serde, fits), (await refusal(serde, doesNot)) !== 'accepted']).toEqual(['accepted', true])
  })

  it('finds what it refers to', async () => {
    const { jsonSchema } = await registry()
    await written(jsonSchema({ subject: 'money', schema: { type: 'number' }, register: true }), 1)
    const references = [{ name: 'money.json', subject: 'money', version: 1 }]
    const serde = jsonSchema<unknown>({
      subject: 's',
      schema: { items: { $ref: 'money.json' } },
      references,
      register: true,
    })
    expect(await refusal(serde, [1])).toBe('accepted')
    expect(await refusal(serde, [1, 'a'])).toBe('at /1: must be number, got string')
  })

  it('refuses what is no schema before anything is asked', async () => {
    const { jsonSchema } = await registry()
    for (const wrong of ['{', { type: 'nonsense' }, { $schema: 'http://json-schema.org/draft-04/schema#' }])
      expect(thrownBy(() => jsonSchema({ schema: wrong }))).toMatchObject({ code: 'BAD_SCHEMA' })
  })
})

describe('Protobuf', () => {
  const file = `syntax = "proto3";
    package shop;
    import "google/protobuf/timestamp.proto";
    enum Kind { NONE = 0; BOOK = 1; }
    message First { int32 a = 1; }
    message Order {
      message Line { string sku = 1; repeated int32 counts = 2; }
      message Deep { message Deeper { bool ok = 1; } }
      string id = 1;
      int64 large = 2;
      Kind kind = 3;
      bytes raw = 4;
      map<string, Line> lines = 5;
      optional double price = 6;
      oneof who { string user = 7; uint32 number = 8; }
      google.protobuf.Timestamp at = 9;
    }`

  async function protobuf(more: ProtobufOptions = {}): Promise<Serde<unknown>> {
    const serde = (await registry()).protobuf<unknown>({
      subject: 's',
      schema: file,
      message: 'shop.Order',
      register: true,
      ...more,
    })
    await serde.open?.()
    return serde
  }

  const empty = { id: '', large: 0n, kind: 'NONE', raw: Buffer.alloc(0), lines: {}, at: null }

  it('writes the first message of a file with one byte of index, and others with all', async () => {
    // The data is the example of Protobuf's documentation.
    expect((await protobuf({ message: 'shop.First' })).encode({ a: 150 })?.toString()).toBe(
      Buffer.from('000000000100089601', 'hex').toString(),
    )
    expect((await protobuf({ message: undefined })).encode({ a: 1 })).toEqual(Buffer.from('0000000001000801', 'hex'))
    expect((await protobuf()).encode({})).toEqual(Buffer.from('00000000010202', 'hex'))
    expect((await protobuf({ message: 'shop.Order.Line' })).encode({})).toEqual(Buffer.from('0000000001040200', 'hex'))
    expect((await protobuf({ message: 'shop.Order.Deep.Deeper' })).encode({ ok: true })).toEqual(
      Buffer.from('0000000001060202000801', 'hex'),
    )
  })

  it('gives back values as plain objects, with what was not set as its default', async () => {
    const serde = await protobuf()
    const value = {
      ...{ id: 'a', large: -(2n ** 63n), kind: 'BOOK', raw: Buffer.of(1), price: 0, user: 'u' },
      lines: { x: { sku: 's', counts: [1, -2] } },
      at: { seconds: 5n, nanos: 7 },
    }
    expect(await read(serde, serde.encode(value) as Buffer)).toStrictEqual(value)
    expect(await read(serde, serde.encode({}) as Buffer)).toStrictEqual(empty)
    expect(serde.encode(empty)).toEqual(serde.encode({}))
  })

  it('reads with another version of its message, and knows which message it is without', async () => {
    const { protobuf } = await registry()
    const bytes = await written(protobuf({ subject: 's', schema: file, message: 'shop.First', register: true }), {
      a: 5,
    })
    expect(await read(protobuf(), bytes)).toEqual({ a: 5 })
    const other = 'syntax = "proto3"; message Renamed { int32 b = 1; string more = 2; }'
    const serde = protobuf({ schema: other })
    expect(await read(serde, bytes)).toEqual({ b: 5, more: '' })
    expect(serde.parse?.(bytes)).toEqual({ a: 5 })
    await expect(read(protobuf({ message: 'shop.Order' }), bytes)).rejects.toThrow(
      'the record is a shop.First, and no shop.Order',
    )
  })

  it.each<[object | null, string]>([
    [{ id: 7 }, 'at .id: expected string, got number'],
    [{ large: 7 }, 'at .large: expected int64, got number'],
    [{ large: 2n ** 63n }, 'at .large: expected int64, got bigint'],
    [{ kind: 'FILM' }, 'at .kind: expected shop.Kind, got string'],
    [{ raw: 'AA==' }, 'at .raw: expected bytes, got string'],
    [{ lines: { x: { counts: [1, 1.5] } } }, 'at .lines.x.counts[1]: expected int32, got number'],
    [{ lines: [] }, 'at .lines: expected object, got array'],
    [{ lines: null }, 'at .lines: expected object, got null'],
    [{ lines: { x: { counts: null } } }, 'at .lines.x.counts: expected array, got null'],
    [{ lines: { x: { counts: 1 } } }, 'at .lines.x.counts: expected array, got number'],
    [{ number: -1 }, 'at .number: expected uint32, got number'],
    [{ unknown: 'secret' }, 'at .unknown: expected no such field in shop.Order, got string'],
    [{ at: 5 }, 'at .at: expected google.protobuf.Timestamp, got number'],
    [{ at: { seconds: null } }, 'at .at.seconds: expected int64, got null'],
    [null, 'expected shop.Order, got null'],
  ])('refuses to write %o, naming place and type', async (value, says) => {
    expect(await refusal(await protobuf(), value)).toBe(says)
  })

  it('refuses data that is no such message', async () => {
    const serde = await protobuf()
    const header = (serde.encode({}) as Buffer).subarray(0, 5)
    for (const hex of ['', 'ff', '0212', '0201', '80808080808000', '02020a05', '0400', '02020a01ff'])
      await expect(read(serde, Buffer.concat([header, Buffer.from(hex, 'hex')])), hex).rejects.toThrow()
  })

  it('keeps a key __proto__ out of maps', async () => {
    const serde = await protobuf()
    const bytes = serde.encode({ lines: { x_proto_x: { sku: 'evil' } } }) as Buffer
    const evil = Buffer.from(bytes.toString('latin1').replace('x_proto_x', '__proto__'), 'latin1')
    const given = (await read(serde, evil).catch(() => ({ lines: {} }))) as { lines: { sku?: string } }
    expect([given.lines.sku, ({} as { sku?: string }).sku]).toEqual([undefined, undefined])
  })

  it('finds what it imports', async () => {
    const { protobuf } = await registry()
    const money = 'syntax = "proto3"; package m; message Money { int64 cents = 1; }'
    await written(protobuf({ subject: 'money', schema: money, register: true }), { cents: 1n })
    const schema = 'syntax = "proto3"; import "money.proto"; message Bill { m.Money sum = 1; }'
    const references = [{ name: 'money.proto', subject: 'money', version: 1 }]
    const bytes = await written(protobuf({ subject: 's', schema, references, register: true }), { sum: { cents: 7n } })
    expect(bytes.subarray(5).toString('hex')).toBe('000a020807')
    expect(await read(protobuf(), bytes)).toEqual({ sum: { cents: 7n } })
    const imported = protobuf({ subject: 's', schema, references, message: 'm.Money', register: true })
    expect(await rejectionOf(written(imported, { cents: 7n }))).toMatchObject({
      code: 'SCHEMA_NOT_USABLE',
      consequence: 'fatal',
      message: expect.stringContaining('m.Money is not a message of this file'),
    })
  })

  it('refuses what is no schema, or has no such message, before anything is asked', async () => {
    const { protobuf } = await registry()
    for (const wrong of [
      { schema: 'message' },
      { schema: file, message: 'shop.None' },
      { schema: 'syntax = "proto3"; import "none.proto"; message M {}' },
      { schema: 'syntax = "proto3";' },
    ])
      expect(thrownBy(() => protobuf(wrong))).toMatchObject({ code: 'BAD_SCHEMA', consequence: 'fatal' })
  })
})

describe('message indexes', () => {
  it('come back as they went', () => {
    const indexes = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(indexes, fc.uint8Array(), (given, rest) => {
        const bytes = encodeIndexes(given)
        expect(decodeIndexes(Buffer.concat([bytes, rest]))).toEqual({ indexes: given, end: bytes.length })
      }),
    )
  })

  it('are zigzag varints, as documented', () => {
    expect(encodeIndexes([0])).toEqual(Uint8Array.of(0))
    expect(encodeIndexes([1, 0])).toEqual(Uint8Array.of(4, 2, 0))
    expect(encodeIndexes([64])).toEqual(Uint8Array.of(2, 0x80, 1))
    expect(decodeIndexes(Uint8Array.of(2, 0))).toEqual({ indexes: [0], end: 2 })
  })

  it.each(['', '80', '01', '04', '0402', '80808080808000', 'fe'])('are none where they are %s', (hex) => {
    expect(() => decodeIndexes(Buffer.from(hex, 'hex'))).toThrow(
      new TypeError('the record does not say which message it is'),
    )
  })
})
