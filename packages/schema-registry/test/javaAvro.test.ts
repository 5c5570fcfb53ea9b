/**
 * Bytes that Java has written: org.apache.avro 1.12.0, GenericDatumWriter over binaryEncoder, and over blockingBinaryEncoder with a block size of 64, which
 * puts the size in bytes before each block.
 */
import { describe, expect, it } from 'vitest'
import { schemaRegistry } from '../src/index.ts'
import { fakeRegistry } from './fakeRegistry.ts'
import { read, written } from './through.ts'

const record = (name: string, ...fields: object[]) => ({ type: 'record', name, fields })
const line = record('Line', { name: 'sku', type: 'string' }, { name: 'next', type: ['null', 'Line'] })
const schema = {
  ...record(
    'Order',
    { name: 'id', type: 'string' },
    { name: 'longs', type: { type: 'array', items: 'long' } },
    { name: 'price', type: 'double' },
    { name: 'ratio', type: 'float' },
    { name: 'raw', type: 'bytes' },
    { name: 'note', type: ['null', 'string'] },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['NONE', 'BOOK'] } },
    { name: 'tags', type: { type: 'map', values: 'int' } },
    { name: 'line', type: line },
    { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 2 } },
  ),
  namespace: 'shop',
}

const value = {
  id: 'order-1',
  longs: [
    ...[0n, -1n, 1n, -4503599627370497n, 4503599627370497n],
    ...[9007199254740991n, -9007199254740991n, 2n ** 63n - 1n, -(2n ** 63n)],
  ],
  price: 1.5,
  ratio: 0.25,
  raw: Buffer.of(0, 255),
  note: 'n',
  kind: 'BOOK',
  tags: { x: 1, y: -2 },
  line: { sku: 'ä→😀', next: { sku: 'b', next: null } },
  hash: Buffer.of(1, 2),
}

const plain =
  '0e6f726465722d311200010281808080808080108280808080808010feffffffffffff1ffdffffffffffff1ffeffffffffff' +
  'ffffff01ffffffffffffffffff0100000000000000f83f0000803e0400ff02026e02040278020279030012c3a4e28692f09f' +
  '9880020262000102'

const inBlocks =
  '0e6f726465722d310f5a00010281808080808080108280808080808010feffffffffffff1ffdffffffffffff1ffeffffffff' +
  'ffffffff0102ffffffffffffffffff0100000000000000f83f0000803e0400ff02026e02030c0278020279030012c3a4e286' +
  '92f09f9880020262000102'

describe('what Java has written', () => {
  const made = async () => {
    const { avro } = schemaRegistry({ url: (await fakeRegistry()).url })
    return avro<typeof value>({ subject: 's', schema, register: true, longs: 'bigint' })
  }

  it('is written here byte for byte', async () => {
    expect((await written(await made(), value)).subarray(5).toString('hex')).toBe(plain)
  })

  it.each([
    ['in one piece', plain],
    ['in blocks', inBlocks],
  ])('is read, %s', async (_, hex) => {
    const serde = await made()
    const header = (await written(serde, value)).subarray(0, 5)
    expect(await read(serde, Buffer.concat([header, Buffer.from(hex, 'hex')]))).toStrictEqual(value)
  })
})
