/**
 * Computes the decompressed size of zstd frames without ever decompressing more than the limit plus
 * one block: the package for Node before 22.15 has no limit of its own. (Node's zstd has one.) A
 * frame may state a wrong size, which libzstd notices only at its end.
 *
 *   blocks   [128 KiB at most][...][...][...]   usually the sum of these bounds is within the limit
 *   prefix   [.....................]            else the longest safe prefix is decompressed;
 *   next                           [.....]      what its real size leaves extends the next prefix
 *
 * Source: RFC 8878.
 */
import { Buffer } from 'node:buffer'

const frameMagic = 0xfd2fb528
/** First of sixteen magic numbers for frames that readers skip. */
const skippableMagic = 0x184d2a50
/** Largest block, bytes. */
const largestBlock = 128 * 1024
/**
 * A batch that needs more prefixes, or has more blocks, counts as too large: no compressor makes
 * blocks that small.
 */
const mostPrefixes = 16
const mostBlocks = 65_536

interface Block {
  /** First byte of the frame, first byte of the block's header, first byte after the block. */
  readonly frame: Frame
  readonly start: number
  readonly end: number
  /** Upper bound of the decompressed size, bytes. */
  readonly most: number
}

interface Frame {
  readonly start: number
  /** First byte of the first block. */
  readonly blocks: number
  /** log2 of the memory needed to decompress it. */
  readonly windowLog: number
}

/**
 * True if the bytes decompress to at most `limit` bytes. Throws RangeError, and errors of `decode`,
 * on damaged frames.
 */
export function zstdFits(bytes: Buffer, limit: number, decode: (bytes: Buffer) => Buffer): boolean {
  let [bound, count] = [0, 0]
  eachBlock(bytes, ({ most }) => {
    bound += most
    count += 1
  })
  return bound <= limit || (count <= mostBlocks && prefixesFit(bytes, limit, decode))
}

function prefixesFit(bytes: Buffer, limit: number, decode: (bytes: Buffer) => Buffer): boolean {
  const blocks: Block[] = []
  eachBlock(bytes, (block) => blocks.push(block))
  for (let [next, exact, prefixes] = [0, 0, 0]; prefixes < mostPrefixes; prefixes++) {
    let bound = exact
    for (; next < blocks.length; next++) {
      const { most } = blocks[next] as Block
      if (bound + most > limit + largestBlock) break
      bound += most
    }
    exact = decode(prefix(bytes, blocks[next - 1] as Block)).length
    if (exact > limit) return false
    if (next === blocks.length) return true
  }
  return false
}

/**
 * Everything up to the end of a block, as whole frames: the last frame without checksum and stated
 * size, with its last block marked as such.
 */
function prefix(bytes: Buffer, { frame, start, end }: Block): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, Math.max(0, frame.windowLog - 10) << 3])
  const cut = Buffer.concat([bytes.subarray(0, frame.start), header, bytes.subarray(frame.blocks, end)])
  const last = cut.length - (end - start)
  cut.writeUInt8(cut.readUInt8(last) | 1, last)
  return cut
}

function eachBlock(bytes: Buffer, each: (block: Block) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const magic = bytes.readUInt32LE(at)
    if (magic >= skippableMagic && magic < skippableMagic + 16) {
      at += 8 + bytes.readUInt32LE(at + 4)
      continue
    }
    if (magic !== frameMagic) throw new RangeError('the bytes are not a zstd frame')
    at = eachOfFrame(bytes, at, each)
  }
}

/** Returns the end of the frame. */
function eachOfFrame(bytes: Buffer, start: number, each: (block: Block) => void): number {
  const descriptor = bytes.readUInt8(start + 4)
  const single = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >> 6
  const sizeBytes = sizeFlag === 0 ? (single ? 1 : 0) : 2 ** sizeFlag
  const sizeAt = start + 5 + (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] as number)
  const window = single ? statedSize(bytes, sizeAt, sizeBytes) : windowSize(bytes.readUInt8(start + 5))
  const most = Math.min(window, largestBlock)
  const frame = { start, blocks: sizeAt + sizeBytes, windowLog: Math.ceil(Math.log2(Math.max(1024, window))) }
  for (let at = frame.blocks; ; ) {
    const header = bytes.readUIntLE(at, 3)
    const [size, type] = [header >> 3, (header >> 1) & 3]
    const end = at + 3 + (type === 1 ? 1 : size)
    if (end > bytes.length) throw new RangeError('a zstd block is cut off')
    each({ frame, start: at, end, most: type === 2 ? most : Math.min(size, largestBlock) })
    at = end
    if ((header & 1) === 1) return at + (descriptor & 0x04 ? 4 : 0)
  }
}

function windowSize(byte: number): number {
  const base = 2 ** (10 + (byte >> 3))
  return base + (base / 8) * (byte & 7)
}

function statedSize(bytes: Buffer, at: number, length: number): number {
  if (length === 8) return Number(bytes.readBigUInt64LE(at))
  return bytes.readUIntLE(at, length) + (length === 2 ? 256 : 0)
}
