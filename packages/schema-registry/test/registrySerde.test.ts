import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { rejectionOf, thrownBy } from '../../../tools/support/thrown.ts'
import { schemaRegistry } from '../src/index.ts'
import { type FakeRegistry, fakeRegistry } from './fakeRegistry.ts'
import { read, written } from './through.ts'

const int = JSON.stringify({ type: 'int' })

function bytesOf(id: number, data = '0e'): Buffer {
  const bytes = Buffer.from(`0000000000${data}`, 'hex')
  bytes.writeUInt32BE(id, 1)
  return bytes
}

/** A serde for integers, and what the registry has been asked. */
async function started(more: object = {}) {
  const [fake, clock] = [await fakeRegistry(), virtualClock()]
  return { fake, clock, ...schemaRegistry({ url: fake.url, clock, ...more }) }
}

/** Different schemas, one id each. */
function manyOf(fake: FakeRegistry, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => fake.add('s', JSON.stringify({ type: 'int', at })))
}

describe('a record with a schema', () => {
  it('has the byte 0, the id of its schema and the data', async () => {
    const { fake, avro } = await started()
    for (let at = 0; at < 258; at++) fake.add('others', JSON.stringify({ type: 'int', at }))
    const schema = {
      type: 'record',
      name: 'test',
      fields: [
        { name: 'a', type: 'long' },
        { name: 'b', type: 'string' },
      ],
    }
    // The data is the example of Avro's specification.
    expect((await written(avro({ subject: 's', schema, register: true }), { a: 27, b: 'foo' })).toString('hex')).toBe(
      '0000000103' + '3606666f6f',
    )
  })

  it.each<[string, string]>([
    ['too short', '00000000'],
    ['empty', ''],
    ['of another kind', '01000000010e'],
    ['JSON', Buffer.from('{"a":1}').toString('hex')],
  ])('is a bad record where it is %s', async (_, hex) => {
    const { fake, avro } = await started()
    const serde = avro()
    expect(await rejectionOf(read(serde, Buffer.from(hex, 'hex')))).toMatchObject({
      code: 'NOT_IN_WIRE_FORMAT',
      consequence: 'fatal',
      badRecord: true,
    })
    expect(fake.requests).toEqual([])
  })

  it('is a bad record if it is a tombstone, as with any codec', async () => {
    const { avro } = await started()
    await expect(read(avro(), null)).rejects.toThrow(
      'the value is null (a tombstone); use nullable(codec) to keep tombstones',
    )
  })

  it('is a bad record if its schema cannot be read with', async () => {
    const { fake, avro } = await started()
    const [text, broken] = [fake.add('s', '"string"'), fake.add('s', '{"type":"nonsense"}')]
    for (const id of [text, broken]) {
      const error = await rejectionOf(read(avro({ schema: int }), bytesOf(id)))
      expect(error).toMatchObject({ code: 'SCHEMA_NOT_READABLE', consequence: 'fatal', badRecord: true })
      expect(error.message).toContain(`schema ${id}`)
    }
  })
})

describe('schemas are fetched', () => {
  it('once for all records of a chunk and all chunks', async () => {
    const { fake, avro } = await started()
    const id = fake.add('s', int)
    const serde = avro()
    const [first, second] = [serde.prepare?.(bytesOf(id)), serde.prepare?.(bytesOf(id))]
    expect(first).toBe(second)
    await first
    expect(serde.prepare?.(bytesOf(id))).toBeUndefined()
    expect([serde.decode(bytesOf(id)), serde.decode(bytesOf(id, '02'))]).toEqual([7, 1])
    expect(fake.requests).toEqual([`GET /schemas/ids/${id}`])
  })

  it('again after a failure', async () => {
    const { fake, avro, clock } = await started()
    const id = fake.add('s', int)
    const serde = avro()
    fake.fail(1, 401)
    expect(await rejectionOf(serde.prepare?.(bytesOf(id)) as Promise<void>)).toMatchObject({ code: 'REGISTRY_DENIED' })
    expect(thrownBy(() => serde.decode(bytesOf(id)))).toMatchObject({
      code: 'SCHEMA_NOT_PREPARED',
      consequence: 'retriable',
    })
    expect(await read(serde, bytesOf(id))).toBe(7)
    expect(clock.timers).toBe(0)
  })

  it('again after some seconds if the registry did not know the id', async () => {
    const { fake, avro, clock } = await started()
    const serde = avro()
    const unknown = () => rejectionOf(read(serde, bytesOf(1)))
    expect(await unknown()).toMatchObject({ code: 'UNKNOWN_SCHEMA', consequence: 'fatal', badRecord: true })
    fake.add('s', int)
    clock.advance(9_999)
    expect(await unknown()).toMatchObject({ code: 'UNKNOWN_SCHEMA' })
    clock.advance(1)
    expect(await read(serde, bytesOf(1))).toBe(7)
    expect(fake.requests.length).toBe(2)
  })

  it('again where they were forgotten: what is used stays, and the rest is bounded', async () => {
    const { fake, avro } = await started({ maxSchemas: 2 })
    const [a, b, c, d, e] = manyOf(fake, 5) as [number, number, number, number, number]
    const serde = avro()
    for (const id of [a, b, c, a, d, a, e]) await read(serde, bytesOf(id))
    expect(fake.requests.length).toBe(5)
    expect(thrownBy(() => serde.decode(bytesOf(b)))).toMatchObject({ code: 'SCHEMA_NOT_PREPARED' })
    expect(serde.decode(bytesOf(a))).toBe(7)
    expect(await read(serde, bytesOf(b))).toBe(7)
    expect(fake.requests.length).toBe(6)
  })
})

describe('a codec that writes', () => {
  it('needs a subject', async () => {
    const { avro } = await started()
    const serde = avro<number>({ schema: int })
    await serde.open?.()
    expect(thrownBy(() => serde.encode(1))).toMatchObject({
      code: 'NO_SUBJECT',
      consequence: 'fatal',
      badRecord: false,
    })
  })

  it('must be opened first', async () => {
    const { avro } = await started()
    expect(thrownBy(() => avro<number>({ subject: 's' }).encode(1))).toMatchObject({
      code: 'NOT_OPENED',
      badRecord: false,
    })
  })

  it('takes the latest schema of the subject if it is given none, and refuses one of another type', async () => {
    const { fake, avro } = await started()
    fake.add('s', '"string"')
    const latest = fake.add('s', int)
    expect(await written(avro<number>({ subject: 's' }), 7)).toEqual(bytesOf(latest))
    fake.add('s', '{"type":"string"}', 'JSON')
    expect(await rejectionOf(written(avro<number>({ subject: 's' }), 7))).toMatchObject({
      code: 'SCHEMA_NOT_USABLE',
      consequence: 'fatal',
    })
  })

  it('looks its schema up again in every attempt', async () => {
    const { fake, avro } = await started()
    const serde = avro<number>({ subject: 'a/b', schema: int, register: true })
    await written(serde, 7)
    await written(serde, 7)
    expect(fake.requests).toEqual(['POST /subjects/a%2Fb/versions', 'POST /subjects/a%2Fb/versions'])
  })
})
