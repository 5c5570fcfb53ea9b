/** UTF-8 of texts, written to where it belongs. */
import type { Buffer } from 'node:buffer'

/** A loop over so few letters takes less time than the call into node does. */
const few = 32

/** @param text well-formed, for which there must be room: three bytes a letter. Returns the position behind it. */
export function writeUtf8(buffer: Buffer, at: number, text: string): number {
  if (text.length > few) return at + buffer.write(text, at)
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i)
    if (letter > 0x7f) return at + buffer.write(text, at)
    buffer[at + i] = letter
  }
  return at + text.length
}
