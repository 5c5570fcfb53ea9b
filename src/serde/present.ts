import type { Buffer } from 'node:buffer'

/** Passes bytes through; throws a TypeError on a tombstone. */
export function present(bytes: Buffer | null): Buffer {
  if (bytes === null) throw new TypeError('the value is null (a tombstone); use nullable(codec) to keep tombstones')
  return bytes
}
