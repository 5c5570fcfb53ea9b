/**
 * Computes the decompressed size of lz4 frames without decompressing: the package has no limit of
 * its own. A block states only its largest possible size, so if the sum of those exceeds the limit,
 * the lengths inside the blocks are added up.
 *
 * Source: the LZ4 frame format 1.6.4 and the LZ4 block format.
 */
import type { Buffer } from 'node:buffer'

const frameMagic = 0x184d2204
/** First of sixteen magic numbers for frames that readers skip. */
const skippableMagic = 0x184d2a50

/**
 * Upper bound of the size if within the limit, else the exact size. Throws RangeError on damaged
 * frames.
 */
export function lz4Size(bytes: Buffer, limit: number): number {
  const bound = sizeOf(bytes, (_from, _to, largest) => largest)
  return bound <= limit ? bound : sizeOf(bytes, (from, to) => blockSize(bytes, from, to))
}

/** @param sizeIn size of the compressed block in [from, to) */
function sizeOf(bytes: Buffer, sizeIn: (from: number, to: number, largest: number) => number): number {
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const magic = bytes.readUInt32LE(at)
    if (magic >= skippableMagic && magic < skippableMagic + 16) {
      at += 8 + bytes.readUInt32LE(at + 4)
      continue
    }
    if (magic !== frameMagic) throw new RangeError('the bytes are not an lz4 frame')
    const flags = bytes.readUInt8(at + 4)
    const largest = largestBlock(bytes.readUInt8(at + 5))
    at += 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0)
    for (;;) {
      const stated = bytes.readUInt32LE(at)
      at += 4
      if (stated === 0) break
      const length = stated & 0x7fffffff
      if (at + length > bytes.length) throw new RangeError('an lz4 block is cut off')
      size += stated >>> 31 === 1 ? length : sizeIn(at, at + length, largest)
      at += length + (flags & 0x10 ? 4 : 0)
    }
    at += flags & 0x04 ? 4 : 0
  }
  return size
}

/** 64 KiB, 256 KiB, 1 MiB or 4 MiB, from the frame's header. */
function largestBlock(descriptor: number): number {
  return 2 ** (8 + 2 * ((descriptor >> 4) & 0x07))
}

/**
 * A block is a list of sequences: literals, then a match that repeats earlier bytes. The last
 * sequence has no match.
 */
function blockSize(bytes: Buffer, from: number, to: number): number {
  const input = { bytes, at: from }
  let size = 0
  while (input.at < to) {
    const token = bytes.readUInt8(input.at++)
    const literals = lengthOf(input, token >> 4)
    size += literals
    input.at += literals + 2
    if (input.at >= to) break
    size += 4 + lengthOf(input, token & 0x0f)
  }
  return size
}

/** 15 means that more bytes follow; all are added, up to the first one below 255. */
function lengthOf(input: { readonly bytes: Buffer; at: number }, short: number): number {
  let length = short
  if (short < 15) return length
  for (;;) {
    const byte = input.bytes.readUInt8(input.at++)
    length += byte
    if (byte < 255) return length
  }
}
