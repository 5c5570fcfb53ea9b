import { Buffer, isUtf8 } from 'node:buffer'
import { present } from './present.ts'
import type { Serde } from './serde.ts'
import { withShortcuts } from './shortcuts.ts'
import { utf8Slice } from './utf8.ts'

/**
 * Codec for strings as UTF-8.
 *
 * Invalid UTF-8 and strings with half a surrogate pair are refused: replacing them would change the
 * data.
 */
export const text: Serde<string> = withShortcuts(
  {
    encode: (value) => Buffer.from(wellFormed(value), 'utf8'),
    decode: (bytes) => decodeUtf8(present(bytes)),
  },
  { encodeText: wellFormed, decodeAt: decodeUtf8 },
)

function wellFormed(value: string): string {
  if (!value.isWellFormed()) throw new TypeError('the string has half a surrogate pair, which UTF-8 cannot encode')
  return value
}

/**
 * Decodes UTF-8; throws a TypeError on bytes that are not. U+FFFD may also be there because it was
 * written.
 */
export function decodeUtf8(bytes: Buffer, from = 0, end = bytes.length): string {
  const decoded = utf8Slice(bytes, from, end)
  if (decoded.includes('\uFFFD') && !isUtf8(bytes.subarray(from, end)))
    throw new TypeError('the bytes are not valid UTF-8')
  return decoded
}
