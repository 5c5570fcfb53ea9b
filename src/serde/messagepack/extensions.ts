/**
 * What MessagePack has no word for goes into extensions, whole, so that a reader which does not know a type can step over it. The
 * specification (https://github.com/msgpack/msgpack/blob/master/spec.md) defines -1, and leaves 0 to 127 to applications:
 *
 *   -1    timestamp: seconds and nanoseconds since the epoch
 *   0     undefined: one byte, 0
 *   'B'   a bigint of more than 64 bits, or one that a number could be: two's complement, big-endian
 *   'M'   Map: an array of key, value, key, value, ...
 *   'S'   Set: an array
 */
import { Buffer } from 'node:buffer'

export const extensions = { timestamp: 0xff, undefined: 0, bigint: 0x42, map: 0x4d, set: 0x53 } as const

export function bytesOfBigint(value: bigint): Uint8Array {
  const size = sizeOf(value)
  const hex = BigInt.asUintN(size * 8, value).toString(16)
  const digits = hex.padStart(size * 2, '0')
  return Uint8Array.from({ length: size }, (_, at) => Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16))
}

/** Throws TypeError where there are no bytes. */
export function bigintOf(bytes: Uint8Array): bigint {
  if (bytes.length === 0) throw new TypeError('a bigint has no bytes')
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${digits.join('')}`))
}

/** Bytes, with room for the sign. */
function sizeOf(value: bigint): number {
  const magnitude = value < 0n ? ~value : value
  return Math.floor(magnitude.toString(2).length / 8) + 1
}

/** 4, 8 or 12 bytes: the shortest that it fits in. */
export function bytesOfDate(date: Date): Buffer {
  const time = date.getTime()
  const seconds = Math.floor(time / 1000)
  const nanoseconds = (time - seconds * 1000) * 1_000_000
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32BE(nanoseconds)
  bytes.writeBigInt64BE(BigInt(seconds), 4)
  if (seconds < 0 || seconds >= 2 ** 34) return bytes
  if (seconds < 2 ** 32 && nanoseconds === 0) return bytes.subarray(8)
  bytes.writeUInt32BE(nanoseconds * 4 + Math.floor(seconds / 2 ** 32), 4)
  return bytes.subarray(4)
}

/** What is finer than a millisecond is dropped: a Date has no room for it. Throws TypeError where it is no timestamp, or beyond any Date. */
export function dateOf(bytes: Buffer): Date {
  const date = new Date(timeOf(bytes))
  if (Number.isNaN(date.getTime())) throw new TypeError('a timestamp is none, or beyond what a Date can hold')
  return date
}

/** ms since the epoch, or NaN. */
function timeOf(bytes: Buffer): number {
  switch (bytes.length) {
    case 4:
      return bytes.readUInt32BE() * 1000
    case 8:
      return inTime((bytes.readUInt32BE() & 3) * 2 ** 32 + bytes.readUInt32BE(4), bytes.readUInt32BE() >>> 2)
    case 12:
      return inTime(Number(bytes.readBigInt64BE(4)), bytes.readUInt32BE())
    default:
      return Number.NaN
  }
}

function inTime(seconds: number, nanoseconds: number): number {
  return nanoseconds < 1_000_000_000 ? seconds * 1000 + Math.floor(nanoseconds / 1_000_000) : Number.NaN
}
