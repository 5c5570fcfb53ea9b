import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { json } from '../../src/serde/json.ts'

const serde = json<unknown>()
const through = (value: unknown) => serde.decode(serde.encode(value) as Buffer)

describe('JSON without validation', () => {
  it('gives back any JSON value, half surrogate pairs and strange names too', () => {
    const value = fc.jsonValue({ stringUnit: 'binary' })
    fc.assert(
      fc.property(value, (written) => {
        expect(through(written)).toEqual(JSON.parse(JSON.stringify(written)))
      }),
    )
    expect(through({ half: '\ud800', pair: '😀' })).toEqual({ half: '\ud800', pair: '😀' })
  })

  it('refuses what would come back as something else, naming the place', () => {
    expect(() => serde.encode({ sums: [1, Number.NaN] })).toThrow('value.sums[1] is NaN, which JSON cannot encode')
    expect(() => serde.encode({ at: new Date(0) })).toThrow('value.at is a Date, which JSON cannot encode')
    expect(() => serde.encode(undefined)).toThrow('value is of type undefined, which JSON cannot encode')
  })

  it.each<[string, Buffer | null, string]>([
    ['a tombstone', null, 'the value is null (a tombstone); use nullable(codec) to keep tombstones'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'the bytes are not valid UTF-8'],
    ['nothing', Buffer.alloc(0), 'the bytes are not JSON: cut off'],
    ['half of it', Buffer.from('{"name":'), 'the bytes are not JSON: cut off'],
    ['an open string', Buffer.from('{"name":"secret'), 'the bytes are not JSON: wrong at position 15'],
    ['text', Buffer.from('secret'), 'the bytes are not JSON'],
    ['more than JSON', Buffer.from('{"secret":1} secret'), 'the bytes are not JSON: wrong at position 13'],
    ['a long text', Buffer.from(`${'[1,'.repeat(100)}secret`), 'the bytes are not JSON'],
  ])('refuses %s, and quotes nothing of it', (_, bytes, says) => {
    const thrown: unknown = (() => {
      try {
        return serde.decode(bytes)
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toEqual(new TypeError(says))
    expect((thrown as Error).cause).toBeUndefined()
  })

  it('keeps a key __proto__ as data', () => {
    const read = serde.decode(Buffer.from('{"__proto__":{"admin":true},"n":1}')) as object
    expect({ ...read }).not.toHaveProperty('admin')
    expect({}).not.toHaveProperty('admin')
    expect(Object.getPrototypeOf(read)).toBeNull()
    expect(serde.encode(read)?.toString()).toBe('{"__proto__":{"admin":true},"n":1}')
  })
})
