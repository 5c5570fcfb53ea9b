import { crc32c as native } from '@node-rs/crc32'
import { assert, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c, crc32cInJs } from '../../../src/kafka/batch/crc32c.ts'

describe('the checksum of record batches', () => {
  it('is computed natively if the package loads', () => {
    expect(crc32c).toBe(native)
  })

  it('is that of the check value in RFC 3720, computed in JavaScript', () => {
    expect(crc32cInJs()(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  })

  it('is the same in JavaScript, whatever the length', () => {
    const inJs = crc32cInJs()
    assert(property(uint8Array({ maxLength: 70 }), (bytes) => inJs(bytes) === native(bytes)))
  })
})
