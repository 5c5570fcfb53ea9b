import { Buffer } from 'node:buffer'

/**
 * Node's own conversions, which its documented ones call after they have looked up the encoding and
 * checked the range, for every record (bench/hotPath.ts). They are not documented themselves: where
 * one is missing, the documented one stands in.
 */
interface Own {
  utf8Slice?(from: number, end: number): string
  utf8Write?(text: string, at: number, length: number): number
}

const own = Buffer.prototype as unknown as Own

/** Decodes the bytes from `from` up to `end`, exclusive; both lie within them. */
export const utf8Slice: (bytes: Buffer, from: number, end: number) => string =
  own.utf8Slice === undefined
    ? (bytes, from, end) => bytes.toString('utf8', from, end)
    : (bytes, from, end) => (bytes as Buffer & Required<Own>).utf8Slice(from, end)

/** Writes as much of the text as there is room for; returns the number of bytes. */
export const utf8Write: (bytes: Buffer, text: string, at: number) => number =
  own.utf8Write === undefined
    ? (bytes, text, at) => bytes.write(text, at)
    : (bytes, text, at) => (bytes as Buffer & Required<Own>).utf8Write(text, at, bytes.length - at)

/** Number of letters up to which a loop is faster than the call into Node. */
const few = 32

/**
 * Writes UTF-8 in place and returns the position behind it.
 *
 * @param text well-formed; there must be room for three bytes a letter
 */
export function writeUtf8(buffer: Buffer, at: number, text: string): number {
  if (text.length > few) return at + utf8Write(buffer, text, at)
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i)
    if (letter > 0x7f) return at + utf8Write(buffer, text, at)
    buffer[at + i] = letter
  }
  return at + text.length
}
