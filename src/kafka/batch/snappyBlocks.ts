/**
 * Snappy in the framing of Kafka's Java client: a header of 16 bytes, then blocks, each preceded by
 * its length. Other clients write one raw block without a header; Java reads only the framed form.
 */
import { Buffer } from 'node:buffer'
import { tooLarge } from './sizeLimit.ts'

/** The parts of the package snappy used here. */
export interface RawSnappy {
  compressSync(bytes: Buffer): Buffer
  compress(bytes: Buffer): Promise<Buffer>
  uncompressSync(bytes: Buffer): Buffer | string
}

const header = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1])

/** Uncompressed bytes of a block: Java's default. */
const blockBytes = 32 * 1024

export function compressSnappy(raw: RawSnappy, bytes: Buffer): Buffer {
  return framed(blocksOf(bytes).map((block) => raw.compressSync(block)))
}

/** Compresses in other threads. */
export async function compressSnappyAside(raw: RawSnappy, bytes: Buffer): Promise<Buffer> {
  return framed(await Promise.all(blocksOf(bytes).map((block) => raw.compress(block))))
}

function blocksOf(bytes: Buffer): Buffer[] {
  const number = Math.ceil(bytes.length / blockBytes)
  return Array.from({ length: number }, (_, at) => bytes.subarray(at * blockBytes, (at + 1) * blockBytes))
}

function framed(blocks: readonly Buffer[]): Buffer {
  const parts = blocks.flatMap((block) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    return [length, block]
  })
  return Buffer.concat([header, ...parts])
}

/** @param limit largest result, bytes. Throws Fatal BATCH_TOO_LARGE. */
export function decompressSnappy(raw: RawSnappy, bytes: Buffer, limit: number): Buffer {
  if (!bytes.subarray(0, 8).equals(header.subarray(0, 8))) return unpacked(raw, bytes, limit)
  const parts: Buffer[] = []
  let left = limit
  for (let from = header.length; from < bytes.length; ) {
    const length = bytes.readInt32BE(from)
    if (length < 0 || from + 4 + length > bytes.length) throw new RangeError(`a snappy block of ${length} bytes`)
    const part = unpacked(raw, bytes.subarray(from + 4, from + 4 + length), limit, left)
    parts.push(part)
    left -= part.length
    from += 4 + length
  }
  return Buffer.concat(parts)
}

/** Checks the size stated at the start of a block, which the package trusts. */
function unpacked(raw: RawSnappy, block: Buffer, limit: number, left = limit): Buffer {
  if (statedSize(block) > left) throw tooLarge(limit)
  return raw.uncompressSync(block) as Buffer
}

/** Seven bits a byte, lowest first. Throws RangeError if the block ends within it. */
function statedSize(block: Buffer): number {
  let size = 0
  for (let at = 0; at < 5; at++) {
    const byte = block.readUInt8(at)
    size += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return size
  }
  throw new RangeError('a snappy block does not state its size')
}
