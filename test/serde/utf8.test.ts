import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { utf8Slice, utf8Write, writeUtf8 } from '../../src/serde/utf8.ts'

const texts = [
  '',
  'a',
  'line 7'.padEnd(100, 'x'),
  'käse',
  '日本語',
  'a \u{1F9F5} thread',
  'ü'.repeat(40),
  '\uFFFD',
  '\0',
]

describe('conversions without a general entry point', () => {
  it.each(texts)('read and write %j as the documented ones do', (text) => {
    const bytes = Buffer.from(`<${text}>`)
    expect(utf8Slice(bytes, 1, bytes.length - 1)).toBe(bytes.toString('utf8', 1, bytes.length - 1))
    const [written, documented] = [Buffer.alloc(200, 7), Buffer.alloc(200, 7)]
    expect(utf8Write(written, text, 3)).toBe(documented.write(text, 3))
    expect(written).toEqual(documented)
    expect(writeUtf8(written.fill(7), 3, text)).toBe(3 + Buffer.byteLength(text))
    expect(written).toEqual(documented)
  })

  it('read what is no UTF-8 as the documented one does', () => {
    const bytes = Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82])
    expect(utf8Slice(bytes, 0, bytes.length)).toBe(bytes.toString('utf8'))
  })

  it('write no part of a letter that does not fit', () => {
    const bytes = Buffer.alloc(4)
    expect(utf8Write(bytes, 'aé日', 0)).toBe(3)
    expect(bytes.toString('utf8', 0, 3)).toBe('aé')
  })
})
