/** The bytes as they are. */
import type { Buffer } from 'node:buffer'
import { present } from './present.ts'
import type { Serde } from './serde.ts'

export const bytes: Serde<Buffer> = {
  encode: (value) => value,
  decode: present,
}
