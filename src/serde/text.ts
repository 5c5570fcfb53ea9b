/** Strings as UTF-8. Refuses bytes that are not, and strings with half a surrogate pair: replacing them would change the data. */
import { Buffer, isUtf8 } from 'node:buffer'
import { present } from './present.ts'
import type { Serde } from './serde.ts'
import { withShortcuts } from './shortcuts.ts'

export const text: Serde<string> = withShortcuts(
  {
    encode: (value) => Buffer.from(wellFormed(value), 'utf8'),
    decode: (bytes) => decodeUtf8(present(bytes)),
  },
  { encodeText: wellFormed, decodeAt: decodeUtf8 },
)

function wellFormed(value: string): string {
  if (!value.isWellFormed()) throw new TypeError('the string has half a surrogate pair, which UTF-8 cannot keep')
  return value
}

/** Throws TypeError on bytes that are not UTF-8. A U+FFFD may also be there because it was written. */
export function decodeUtf8(bytes: Buffer, from = 0, end = bytes.length): string {
  const decoded = bytes.toString('utf8', from, end)
  if (decoded.includes('\uFFFD') && !isUtf8(bytes.subarray(from, end)))
    throw new TypeError('the bytes are not valid UTF-8')
  return decoded
}
