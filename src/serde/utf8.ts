import type { Buffer } from 'node:buffer'

/** Number of letters up to which a loop is faster than the call into Node. */
const few = 32

/**
 * Writes UTF-8 in place and returns the position behind it.
 *
 * @param text well-formed; there must be room for three bytes a letter
 */
export function writeUtf8(buffer: Buffer, at: number, text: string): number {
  if (text.length > few) return at + buffer.write(text, at)
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i)
    if (letter > 0x7f) return at + buffer.write(text, at)
    buffer[at + i] = letter
  }
  return at + text.length
}
