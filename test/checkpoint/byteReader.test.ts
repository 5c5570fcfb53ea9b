import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { byteReader } from '../../src/checkpoint/byteReader.ts'

/** Chunks, and how many of them have been asked for. */
function chunked(...chunks: readonly string[]) {
  let asked = 0
  function* each(): Generator<Uint8Array> {
    for (const chunk of chunks) {
      asked += 1
      yield Buffer.from(chunk)
    }
  }
  return { reader: byteReader(each(), 10), asked: () => asked }
}

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString())

describe('bytes that come in chunks', () => {
  it('are read as lines and in numbers, wherever the chunks end', async () => {
    const { reader } = chunked('on', 'e\ntw', 'o\n', 'abc', 'def', '\n')
    expect(text(await reader.line())).toBe('one')
    expect(text(await reader.line())).toBe('two')
    expect(text(await reader.take(4))).toBe('abcd')
    expect(text(await reader.line())).toBe('ef')
    expect(await reader.isAtEnd()).toBe(true)
  })

  it('are at their end only when the last one is taken', async () => {
    const { reader } = chunked('', 'a', '')
    expect(await reader.isAtEnd()).toBe(false)
    expect(text(await reader.take(1))).toBe('a')
    expect(await reader.isAtEnd()).toBe(true)
    expect([await reader.line(), await reader.take(1)]).toEqual([null, null])
  })

  it('have no line without its end, and none that is too long: the rest is not read', async () => {
    expect(await chunked('abc').reader.line()).toBeNull()
    const endless = chunked(...Array(100).fill('abcd'))
    expect(await endless.reader.line()).toBeNull()
    expect(endless.asked()).toBe(3)
  })
})
