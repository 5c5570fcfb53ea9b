/**
 * The checksum of record batches, CRC-32C: by the native package, or in JavaScript (twenty times
 * slower) if that does not load, as in a bundle that is deployed without node_modules.
 */
import { requirePackage } from '../../optionalPackage.ts'

type Checksum = (bytes: Uint8Array) => number

/** Castagnoli's polynomial, its bits reversed. */
const polynomial = 0x82f63b78

export const crc32c: Checksum = nativeCrc32c()

function nativeCrc32c(): Checksum {
  try {
    return requirePackage<{ readonly crc32c: Checksum }>('@node-rs/crc32').crc32c
  } catch (thrown) {
    process.emitWarning(
      '@node-rs/crc32 cannot be loaded: checksums of record batches are computed in JavaScript, slowly',
      {
        code: 'RXWEFT_SLOW_CHECKSUM',
        detail: `${String(thrown).split('\n')[0]}\nInstall it beside the program: npm install @node-rs/crc32`,
      },
    )
    return crc32cInJs()
  }
}

/** Eight bytes a step, by eight tables in one: "slicing-by-8" (Kounavis and Berry, 2005). */
export function crc32cInJs(): Checksum {
  const table = slicingTable()
  return (bytes) => {
    // An index out of range cannot occur: the 0 satisfies the types, and costs nothing.
    const byte = (at: number): number => bytes[at] ?? 0
    const entry = (slice: number, low: number): number => table[(slice << 8) | (low & 255)] ?? 0
    const sliced = bytes.length - (bytes.length % 8)
    let crc = -1
    let at = 0
    for (; at < sliced; at += 8) {
      const four = crc ^ (byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24))
      const first = entry(7, four) ^ entry(6, four >>> 8) ^ entry(5, four >>> 16) ^ entry(4, four >>> 24)
      crc = first ^ entry(3, byte(at + 4)) ^ entry(2, byte(at + 5)) ^ entry(1, byte(at + 6)) ^ entry(0, byte(at + 7))
    }
    for (; at < bytes.length; at++) crc = (crc >>> 8) ^ entry(0, crc ^ byte(at))
    return ~crc >>> 0
  }
}

/** Slice n, at n * 256: contribution of a byte that n zero bytes follow. */
function slicingTable(): Int32Array {
  const table = new Int32Array(8 * 256)
  for (let value = 0; value < 256; value++) {
    let crc = value
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    table[value] = crc
  }
  for (let at = 256; at < table.length; at++) {
    const shorter = table[at - 256] ?? 0
    table[at] = (shorter >>> 8) ^ (table[shorter & 255] ?? 0)
  }
  return table
}
