/**
 * Hashes bytes to 32 bits and spreads similar ones: FNV-1a with the finalizer of MurmurHash3, since
 * the first bits are used.
 */
export function hashOf(bytes: Uint8Array, from: number, end: number): number {
  let hash = 0x811c_9dc5 | 0
  for (let at = from; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x0100_0193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return hash ^ (hash >>> 16)
}
