/** Length prefixes: LEB128, seven bits a byte, lowest first. */
/** Writes a varint and returns the position after it. */
export function putVarint(buffer: Uint8Array, at: number, value: number): number {
  let end = at
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) buffer[end++] = (rest % 0x80) | 0x80
  buffer[end++] = rest
  return end
}

/** Number of its bytes. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}
