import type { Buffer } from 'node:buffer'
import { present } from './present.ts'
import type { Serde } from './serde.ts'

/** Codec that passes bytes through unchanged. */
export const bytes: Serde<Buffer> = {
  encode: (value) => value,
  decode: present,
}
