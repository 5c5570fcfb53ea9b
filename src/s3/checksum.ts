import { createHash } from 'node:crypto'

/** SHA-256 as S3 takes it: base64. */
export function checksum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64')
}
