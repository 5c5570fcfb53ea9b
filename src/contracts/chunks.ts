/** Sequences of bytes: what a snapshot is while it is written and read. */
import { Buffer } from 'node:buffer'

export async function* chunksOf(bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes
}

export async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** Cuts chunks anew: all pieces have this size, bytes, but for the last one. */
export async function* inPieces(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    waiting.push(chunk)
    bytes += chunk.length
    if (bytes < size) continue
    const all = waiting.length === 1 ? bufferOf(chunk) : Buffer.concat(waiting)
    let from = 0
    for (; bytes - from >= size; from += size) yield all.subarray(from, from + size)
    waiting = from === all.length ? [] : [all.subarray(from)]
    bytes -= from
  }
  if (bytes > 0) yield Buffer.concat(waiting)
}
