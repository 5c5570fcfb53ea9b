/**
 * A 32-bit hash that spreads similar bytes: FNV-1a, finished as MurmurHash3 is, since the first
 * bits select the segment.
 */
export function hashOf(bytes: Uint8Array, from: number, end: number): number {
  let hash = 0x811c_9dc5 | 0
  for (let at = from; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x0100_0193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return hash ^ (hash >>> 16)
}
