import type { Buffer } from 'node:buffer'

/** Throws TypeError on a tombstone: what is not `nullable` has no value for it. */
export function present(bytes: Buffer | null): Buffer {
  if (bytes === null) throw new TypeError('the value is null (a tombstone); use nullable(codec) to keep tombstones')
  return bytes
}
