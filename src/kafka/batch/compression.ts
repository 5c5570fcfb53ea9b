/**
 * The compression of record batches. gzip is Node's; snappy, lz4 and, before Node 22.15, zstd are
 * optional peers, loaded when the first batch needs them.
 */
import type { Buffer } from 'node:buffer'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { optionalPackage } from '../../optionalPackage.ts'
import { lz4Size } from './lz4Size.ts'
import { tooLarge } from './sizeLimit.ts'
import { compressSnappy, compressSnappyAside, decompressSnappy, type RawSnappy } from './snappyBlocks.ts'
import { zstdFits } from './zstdSize.ts'

/**
 * Compression of record batches.
 *
 * `'gzip'` is Node's own. `'snappy'` (package snappy), `'lz4'` (lz4-napi) and, before Node 22.15,
 * `'zstd'` (@toondepauw/node-zstd) need their package installed.
 */
export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

interface Codec {
  compress(bytes: Buffer): Buffer
  /** Compresses in another thread. */
  compressAside(bytes: Buffer): Promise<Buffer>
  /**
   * Throws Fatal BATCH_TOO_LARGE if the result exceeds `limit` bytes, before allocating memory for
   * it.
   */
  decompress(bytes: Buffer, limit: number): Buffer
}

/** Indexed by their codes in a batch's attributes. */
const names: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** zlib assembles its output from chunks of 16 KiB by default; larger chunks halve the time. */
function unpacking({ length }: Buffer, maxOutputLength: number): zlib.ZlibOptions {
  return { maxOutputLength, chunkSize: Math.min(Math.max(16 * 1024, 4 * length), 1024 * 1024) }
}

/** Node stops as soon as its own limit is exceeded. */
function limited(unpack: typeof zlib.gunzipSync): Codec['decompress'] {
  return (bytes, limit) => {
    try {
      return unpack(bytes, unpacking(bytes, limit))
    } catch (thrown) {
      throw (thrown as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(limit) : thrown
    }
  }
}

const loaded = new Map<Compression, Codec>()

/** Code in a batch's attributes. */
export function compressionCode(compression: Compression): number {
  return names.indexOf(compression)
}

/**
 * Loads the codec early, so that a missing package shows before anything is written. Throws Fatal
 * COMPRESSION_UNAVAILABLE.
 */
export function loadCompression(compression: Compression): void {
  if (compression !== 'none') codec(compression)
}

/** Throws Fatal COMPRESSION_UNAVAILABLE if the package is not installed. */
export function compress(compression: Compression, bytes: Buffer): Buffer {
  return compression === 'none' ? bytes : codec(compression).compress(bytes)
}

/** Compresses in another thread; the bytes must not change until it is done. */
export function compressAside(compression: Exclude<Compression, 'none'>, bytes: Buffer): Promise<Buffer> {
  return codec(compression).compressAside(bytes)
}

/**
 * Throws Fatal COMPRESSION_UNAVAILABLE, Fatal BATCH_TOO_LARGE, and errors of codecs on damaged
 * bytes.
 *
 * @param code code in a batch's attributes
 * @param limit largest result, bytes
 */
export function decompress(code: number, bytes: Buffer, limit: number): Buffer {
  const name = names[code]
  if (name === undefined) throw new RangeError(`there is no compression with the number ${code}`)
  return name === 'none' ? bytes : codec(name).decompress(bytes, limit)
}

function codec(name: Exclude<Compression, 'none'>): Codec {
  const found = loaded.get(name) ?? makers[name]()
  loaded.set(name, found)
  return found
}

const makers: { readonly [name in Exclude<Compression, 'none'>]: () => Codec } = {
  gzip: () => ({
    compress: (bytes) => zlib.gzipSync(bytes),
    compressAside: promisify<Buffer, Buffer>(zlib.gzip),
    decompress: limited(zlib.gunzipSync),
  }),
  snappy() {
    const raw = optionalPackage<RawSnappy>('snappy', 'the compression snappy')
    return {
      compress: (bytes) => compressSnappy(raw, bytes),
      compressAside: (bytes) => compressSnappyAside(raw, bytes),
      decompress: (bytes, limit) => decompressSnappy(raw, bytes, limit),
    }
  },
  lz4() {
    const lz4 = optionalPackage<typeof import('lz4-napi')>('lz4-napi', 'the compression lz4')
    return {
      compress: (bytes) => lz4.compressFrameSync(bytes),
      compressAside: (bytes) => lz4.compressFrame(bytes),
      decompress(bytes, limit) {
        if (lz4Size(bytes, limit) > limit) throw tooLarge(limit)
        return lz4.decompressFrameSync(bytes)
      },
    }
  },
  zstd: () => nativeZstd() ?? packagedZstd(),
}

/** Node has zstd since 22.15; its type declarations lack it. */
interface ZstdInNode {
  readonly zstdCompressSync: typeof zlib.gzipSync
  readonly zstdCompress: typeof zlib.gzip
  readonly zstdDecompressSync: typeof zlib.gunzipSync
}

function nativeZstd(): Codec | undefined {
  if (!('zstdCompressSync' in zlib)) return undefined
  const { zstdCompressSync, zstdCompress, zstdDecompressSync } = zlib as unknown as ZstdInNode
  return {
    compress: (bytes) => zstdCompressSync(bytes),
    compressAside: promisify<Buffer, Buffer>(zstdCompress),
    decompress: limited(zstdDecompressSync),
  }
}

function packagedZstd(): Codec {
  const { Encoder, Decoder } = optionalPackage<typeof import('@toondepauw/node-zstd')>(
    '@toondepauw/node-zstd',
    'before Node 22.15, the compression zstd',
  )
  const [encoder, decoder] = [new Encoder(3), new Decoder()]
  return {
    compress: (bytes) => encoder.encodeSync(bytes),
    compressAside: (bytes) => encoder.encode(bytes),
    decompress(bytes, limit) {
      if (!zstdFits(bytes, limit, (part) => decoder.decodeSync(part))) throw tooLarge(limit)
      return decoder.decodeSync(bytes)
    },
  }
}
