import { describe, expect, it } from 'vitest'
import { bytes } from '../../src/serde/bytes.ts'
import { json } from '../../src/serde/json.ts'
import { valueEncoder } from '../../src/sinks/valueEncoder.ts'

describe('a sink encodes', () => {
  it('texts as texts, however long', () => {
    expect(valueEncoder(json<string>())('a'.repeat(100_000))).toBe(`"${'a'.repeat(100_000)}"`)
  })

  it('as the serde does if it knows no texts', () => {
    const value = Buffer.from('x')
    expect(valueEncoder(bytes)(value)).toBe(value)
  })
})
