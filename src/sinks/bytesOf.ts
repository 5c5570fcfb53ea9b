/**
 * What a codec has encoded; throws TypeError on anything but bytes and null: whatever its type
 * says, a user's codec may give anything.
 */
export function bytesOf(encoded: unknown): Uint8Array | null {
  if (encoded === null || encoded instanceof Uint8Array) return encoded
  throw new TypeError(`the codec gives a value of type ${typeof encoded} instead of bytes or null`)
}
