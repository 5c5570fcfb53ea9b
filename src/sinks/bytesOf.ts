/**
 * Checks the result of a codec: throws TypeError on anything but bytes and null, since a user's
 * codec may return anything, whatever its type.
 */
export function bytesOf(encoded: unknown): Uint8Array | null {
  if (encoded === null || encoded instanceof Uint8Array) return encoded
  throw new TypeError(`the codec returned a value of type ${typeof encoded} instead of bytes or null`)
}
