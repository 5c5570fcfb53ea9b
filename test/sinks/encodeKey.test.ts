import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { RetriableError } from '../../src/openErrors.ts'
import { type StreamRecord, streamRecord } from '../../src/record.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { encodeKey } from '../../src/sinks/encodeKey.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

const withKey = (key: unknown): StreamRecord<string> => streamRecord('v', 0, key, [], { topic: 't', partition: 3 }, 42)

describe('the key of a record', () => {
  it('passes as it is where it is bytes or null', () => {
    const bytes = Uint8Array.from([0, 255])
    expect(encodeKey(undefined, withKey(bytes), 'sink')).toBe(bytes)
    expect(encodeKey(undefined, withKey(null), 'sink')).toBeNull()
  })

  it('becomes UTF-8 if it is a string', () => {
    expect(encodeKey(undefined, withKey('é'), 'sink')).toEqual(Buffer.from([0xc3, 0xa9]))
  })

  it.each<[unknown, string]>([
    [42, '42'],
    [-0.5, '-0.5'],
    [2n ** 70n, '1180591620717411303424'],
    [true, 'true'],
    [false, 'false'],
  ])('becomes the text that it prints as where it is %s', (key, printed) => {
    expect(encodeKey(undefined, withKey(key), 'sink')).toEqual(Buffer.from(printed))
  })

  it.each([[{ id: 1 }], [undefined], [Symbol('s')], [['a']], ['half a pair \ud800']])(
    'is refused where it is %j and the sink has no serde',
    (key) => {
      expect(thrownBy(() => encodeKey(undefined, withKey(key), 'sink'))).toMatchObject({
        code: 'KEY_NOT_ENCODABLE',
        consequence: 'fatal',
        where: { operator: 'sink', topic: 't', partition: 3, offset: 42 },
        hint: expect.stringContaining('`key` of the sink'),
      })
    },
  )

  it('is encoded by the serde of the sink, whatever it is', () => {
    const decimal: Serde<number> = { encode: (value) => Buffer.from(String(value)), decode: Number }
    expect(encodeKey(decimal, withKey(42), 'sink')).toEqual(Buffer.from('42'))
  })

  it('is refused, with the place of its record, if the serde throws', () => {
    const cause = new TypeError('no')
    const broken = {
      encode: () => {
        throw cause
      },
      decode: () => null as never,
    } as Serde<unknown>
    expect(thrownBy(() => encodeKey(broken, withKey(42), 'sink'))).toMatchObject({
      code: 'KEY_NOT_ENCODABLE',
      where: { offset: 42 },
      cause,
      badRecord: true,
    })
  })

  it('ends the attempt if the serde throws an error of rxweft that says so', () => {
    const broken: Serde<unknown> = {
      encode: () => {
        throw new RetriableError('DOWN', 'by the test')
      },
      decode: () => null,
    }
    expect(thrownBy(() => encodeKey(broken, withKey(42), 'sink'))).toMatchObject({
      code: 'DOWN',
      consequence: 'retriable',
      badRecord: false,
      where: { operator: 'sink', topic: 't', partition: 3, offset: 42 },
    })
  })
})
