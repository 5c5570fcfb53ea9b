/** Reads lines and runs of bytes from a sequence of chunks. */
import { Buffer } from 'node:buffer'

export interface ByteReader {
  /** The next line, without its newline; null at the end. */
  line(): Promise<Buffer | null>
  /** Exactly this many bytes; null if fewer are left. */
  take(bytes: number): Promise<Buffer | null>
  /** True if everything has been read. */
  isAtEnd(): Promise<boolean>
}

/** @param longest longest line, bytes */
export function byteReader(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, longest: number): ByteReader {
  const pieces = iterate(chunks)
  let rest: Buffer = Buffer.alloc(0)

  /** False at the end. */
  async function more(): Promise<boolean> {
    const next = await pieces.next()
    if (next.done) return false
    const piece = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    return true
  }

  const cut = (end: number, skip: number): Buffer => {
    const found = rest.subarray(0, end)
    rest = rest.subarray(end + skip)
    return found
  }

  return {
    async line() {
      let from = 0
      for (;;) {
        const end = rest.indexOf(0x0a, from)
        if (end >= 0) return cut(end, 1)
        from = rest.length
        if (from > longest || !(await more())) return null
      }
    },
    async take(bytes) {
      while (rest.length < bytes) if (!(await more())) return null
      return cut(bytes, 0)
    },
    async isAtEnd() {
      while (rest.length === 0) if (!(await more())) return true
      return false
    },
  }
}

async function* iterate(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks
}
