import { describe, expect, it } from 'vitest'
import { bytes } from '../../src/serde/bytes.ts'
import { json } from '../../src/serde/json.ts'
import { bytesOf, valueEncoder } from '../../src/sinks/valueEncoder.ts'

describe('a sink encodes', () => {
  it('short texts as texts, and long ones as bytes', () => {
    const encode = valueEncoder(json<string>())
    expect(encode('a'.repeat(998))).toBe(`"${'a'.repeat(998)}"`)
    expect(encode('a'.repeat(999))).toEqual(Buffer.from(`"${'a'.repeat(999)}"`))
  })

  it('as the serde does where it knows no texts', () => {
    const value = Buffer.from('x')
    expect(valueEncoder(bytes)(value)).toBe(value)
  })

  it('a text to its UTF-8 where bytes are needed after all', () => {
    expect(['é', null, Buffer.from('x')].map(bytesOf)).toEqual([Buffer.from('é'), null, Buffer.from('x')])
  })
})
