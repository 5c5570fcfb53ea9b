/** What every schema registry must do for the codecs: run against the fake one and against a real one. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { rejectionOf } from '../../../tools/support/thrown.ts'
import { type SchemaReference, type SchemaRegistry, schemaRegistry } from '../src/index.ts'
import { read, written } from './through.ts'

const order = JSON.stringify({
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'price', type: 'double' },
  ],
})

const proto = `syntax = "proto3";
package shop;
message Line { string sku = 1; int64 quantity = 2; }
message Order { message Note { string text = 1; } string id = 1; repeated Line lines = 2; Note note = 3; }
`

const jsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { id: { type: 'string' }, price: { type: 'number' } },
  required: ['id'],
}

export function registryContract(name: string, urlOf: () => Promise<string>): void {
  const registry = async (): Promise<SchemaRegistry> => schemaRegistry({ url: await urlOf() })
  const subject = (): string => `orders/${randomUUID()}-value`

  describe(name, () => {
    it('registers an Avro schema once, finds it again, and reads by its id alone', async () => {
      const { avro } = await registry()
      const options = { subject: subject(), schema: order }
      const value = { id: 'a', price: 1.5 }
      const bytes = await written(avro({ ...options, register: true }), value)
      expect(bytes.length).toBe(5 + 2 + 8)
      expect(bytes[0]).toBe(0)
      expect(await written(avro({ ...options, register: true }), value)).toEqual(bytes)
      expect(await written(avro(options), value)).toEqual(bytes)
      expect(await written(avro({ subject: options.subject }), value)).toEqual(bytes)
      expect(await read(avro(), bytes)).toEqual(value)
    })

    it('knows no schema that nobody has registered', async () => {
      const { avro } = await registry()
      const unknown = subject()
      expect(await rejectionOf(written(avro({ subject: unknown, schema: order }), {}))).toMatchObject({
        code: 'SCHEMA_NOT_REGISTERED',
        consequence: 'fatal',
      })
      expect(await rejectionOf(written(avro({ subject: unknown }), {}))).toMatchObject({ code: 'SUBJECT_UNKNOWN' })
      expect(await rejectionOf(read(avro(), Buffer.from('007fffffff00', 'hex')))).toMatchObject({
        code: 'UNKNOWN_SCHEMA',
        badRecord: true,
      })
    })

    it('registers another version, with which older data is still read', async () => {
      const { avro } = await registry()
      const name = subject()
      const old = await written(avro({ subject: name, schema: order, register: true }), { id: 'a', price: 1 })
      const { fields, ...rest } = JSON.parse(order)
      const schema = { ...rest, fields: [...fields, { name: 'note', type: ['null', 'string'], default: null }] }
      const serde = avro<object>({ subject: name, schema, register: true })
      const current = await written(serde, { id: 'b', price: 2, note: 'n' })
      expect(current.readUInt32BE(1)).not.toBe(old.readUInt32BE(1))
      expect(await read(serde, old)).toEqual({ id: 'a', price: 1, note: null })
      expect(await read(serde, current)).toEqual({ id: 'b', price: 2, note: 'n' })
      expect(serde.parse?.(old)).toEqual({ id: 'a', price: 1 })
      expect(await read(avro({ schema: order }), current)).toEqual({ id: 'b', price: 2 })
    })

    it('keeps JSON Schemas', async () => {
      const registered = await registry()
      const options = { subject: subject(), schema: jsonSchema, register: true }
      const bytes = await written(registered.jsonSchema(options), { id: 'a', price: 1.5 })
      expect(bytes.subarray(5).toString()).toBe('{"id":"a","price":1.5}')
      expect(await read(registered.jsonSchema(), bytes)).toEqual({ id: 'a', price: 1.5 })
      expect(await rejectionOf(read(registered.avro(), bytes))).toMatchObject({
        code: 'OTHER_SCHEMA_TYPE',
        badRecord: true,
      })
    })

    it('keeps Protobuf files', async () => {
      const { protobuf } = await registry()
      const options = { subject: subject(), schema: proto, message: 'shop.Order', register: true }
      const value = { id: 'a', lines: [{ sku: 's', quantity: 2n ** 62n }], note: { text: 't' } }
      const bytes = await written(protobuf(options), value)
      expect([...bytes.subarray(5, 7)]).toEqual([2, 2])
      expect(await read(protobuf(), bytes)).toEqual(value)
      expect(await written(protobuf({ subject: options.subject, message: 'shop.Order' }), value)).toEqual(bytes)
    })

    it('keeps schemas that refer to others, which refer to others', async () => {
      const { avro } = await registry()
      const named = (type: string, name: string, rest: object) => ({ type, name, namespace: 'shop', ...rest })
      const referTo = (name: string, at: string): readonly SchemaReference[] => [{ name, subject: at, version: 1 }]
      const [unitSubject, moneySubject] = [subject(), subject()]
      const unit = named('enum', 'Unit', { symbols: ['EUR', 'USD'] })
      await written(avro({ subject: unitSubject, schema: unit, register: true }), 'EUR')
      const cents = { name: 'cents', type: 'long' }
      const money = named('record', 'Money', { fields: [cents, { name: 'unit', type: 'shop.Unit' }] })
      const ofMoney = { subject: moneySubject, schema: money, references: referTo('shop.Unit', unitSubject) }
      await written(avro({ ...ofMoney, register: true }), { cents: 1, unit: 'EUR' })
      const bill = named('record', 'Bill', { fields: [{ name: 'sum', type: 'shop.Money' }] })
      const ofBill = { subject: subject(), schema: bill, references: referTo('shop.Money', moneySubject) }
      const value = { sum: { cents: 7, unit: 'USD' } }
      const bytes = await written(avro({ ...ofBill, register: true }), value)
      expect(bytes.subarray(5).toString('hex')).toBe('0e02')
      expect(await read(avro(), bytes)).toEqual(value)
      expect(await written(avro(ofBill), value)).toEqual(bytes)
    })
  })
}
