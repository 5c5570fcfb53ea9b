import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunksOf, inPieces } from '../../src/contracts/chunks.ts'

async function cut(chunks: readonly Uint8Array[], size: number): Promise<readonly Buffer[]> {
  const pieces: Buffer[] = []
  for await (const piece of inPieces(chunksOf(chunks), size)) pieces.push(piece)
  return pieces
}

describe('chunks that are cut anew', () => {
  it('are pieces of one size but for the last one, and the same bytes', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 9 }), async (given, size) => {
        const pieces = await cut(given, size)
        expect(Buffer.concat(pieces)).toEqual(Buffer.concat(given))
        expect(pieces.slice(0, -1).every(({ length }) => length === size)).toBe(true)
        expect(pieces.every(({ length }) => length > 0 && length <= size)).toBe(true)
      }),
    )
  })

  it('are not copied where one chunk holds whole pieces', async () => {
    const chunk = Buffer.from('abcdef')
    const [first, second] = await cut([chunk], 3)
    chunk.write('x')
    expect([String(first), String(second)]).toEqual(['xbc', 'def'])
  })
})
