/**
 * The compression of record batches. gzip is Node's; snappy, lz4 and, before Node 22.15, zstd are optional packages, loaded when the
 * first batch needs them.
 */
import type { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import * as zlib from 'node:zlib'
import { FatalError } from '../../errors.ts'
import { compressSnappy, decompressSnappy, type RawSnappy } from './snappyBlocks.ts'

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

interface Codec {
  compress(bytes: Buffer): Buffer
  decompress(bytes: Buffer): Buffer
}

/** In the order of their numbers in a batch's attributes. */
const names: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** No batch that a broker takes unpacks to more, bytes: one that does is meant to fill the memory. */
const largest = { maxOutputLength: 2 ** 30 }

const load = createRequire(import.meta.url)
const loaded = new Map<Compression, Codec>()

/** The number that stands for it in a batch's attributes. */
export function compressionCode(compression: Compression): number {
  return names.indexOf(compression)
}

/** So that a package that is missing shows before anything is written: Fatal COMPRESSION_UNAVAILABLE. */
export function loadCompression(compression: Compression): void {
  if (compression !== 'none') codec(compression)
}

/** Throws Fatal COMPRESSION_UNAVAILABLE where the package for it is not installed. */
export function compress(compression: Compression, bytes: Buffer): Buffer {
  return compression === 'none' ? bytes : codec(compression).compress(bytes)
}

/** @param code as in a batch's attributes. Throws Fatal COMPRESSION_UNAVAILABLE, and whatever a codec says of damaged bytes. */
export function decompress(code: number, bytes: Buffer): Buffer {
  const name = names[code]
  if (name === undefined) throw new RangeError(`there is no compression with the number ${code}`)
  return name === 'none' ? bytes : codec(name).decompress(bytes)
}

function codec(name: Exclude<Compression, 'none'>): Codec {
  const found = loaded.get(name) ?? makers[name]()
  loaded.set(name, found)
  return found
}

const makers: { readonly [name in Exclude<Compression, 'none'>]: () => Codec } = {
  gzip: () => ({
    compress: (bytes) => zlib.gzipSync(bytes),
    decompress: (bytes) => zlib.gunzipSync(bytes, largest),
  }),
  snappy() {
    const raw = packaged<RawSnappy>('snappy', 'snappy')
    return { compress: (bytes) => compressSnappy(raw, bytes), decompress: (bytes) => decompressSnappy(raw, bytes) }
  },
  lz4() {
    const lz4 = packaged<typeof import('lz4-napi')>('lz4', 'lz4-napi')
    return { compress: (bytes) => lz4.compressFrameSync(bytes), decompress: (bytes) => lz4.decompressFrameSync(bytes) }
  },
  zstd: () => nativeZstd() ?? packagedZstd(),
}

/** Node has had zstd since 22.15. */
function nativeZstd(): Codec | undefined {
  const { zstdCompressSync, zstdDecompressSync } = zlib as unknown as Partial<Record<string, typeof zlib.gunzipSync>>
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined) return undefined
  return { compress: (bytes) => zstdCompressSync(bytes), decompress: (bytes) => zstdDecompressSync(bytes, largest) }
}

function packagedZstd(): Codec {
  const { Encoder, Decoder } = packaged<typeof import('@toondepauw/node-zstd')>('zstd', '@toondepauw/node-zstd')
  const [encoder, decoder] = [new Encoder(3), new Decoder()]
  return { compress: (bytes) => encoder.encodeSync(bytes), decompress: (bytes) => decoder.decodeSync(bytes) }
}

function packaged<M>(compression: Compression, name: string): M {
  try {
    return load(name) as M
  } catch (cause) {
    throw new FatalError(
      'COMPRESSION_UNAVAILABLE',
      `${compression} needs the package ${name}, which cannot be loaded`,
      {
        hint: `Run: npm install ${name}`,
        cause,
      },
    )
  }
}
