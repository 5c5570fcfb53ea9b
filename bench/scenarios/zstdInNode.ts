import * as zlib from 'node:zlib'

/** Node has had zstd since 22.15. */
export const zstdInNode = 'zstdCompressSync' in zlib
