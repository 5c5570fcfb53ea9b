/** Bytes that grow as they are written, for one message after the other. */
import { Buffer } from 'node:buffer'

export interface Output {
  /** A token, and a number in so many bytes behind it. */
  token(token: number, size?: 0 | 1 | 2 | 4, number?: number): void
  double(value: number): void
  /** 64 bits: a signed integer where it is negative. */
  long(value: bigint): void
  /** The same for a safe integer. */
  wide(value: number): void
  /** UTF-8 behind its length. Returns false, and has written nothing, where UTF-8 cannot keep it. */
  text(value: string): boolean
  raw(bytes: Uint8Array): void
  /** How much has been written: `patch` can put a number there later. */
  size(): number
  patch(at: number, number: number): void
  /** What `write` writes, in bytes of their own. It may be called again within `write`. */
  message(write: () => void): Buffer
}

/** What stays allocated between two messages, bytes. */
const initial = 4096
const kept = 1 << 20

export function output(): Output {
  let room = Buffer.allocUnsafe(initial)
  let at = 0

  function ensure(size: number): void {
    if (at + size <= room.length) return
    const larger = Buffer.allocUnsafe(Math.max(room.length * 2, at + size))
    room.copy(larger, 0, 0, at)
    room = larger
  }

  function token(token: number, size = 0, number = 0): void {
    ensure(5)
    room[at++] = token
    if (size === 1) room[at++] = number
    else if (size === 2) at = room.writeUInt16BE(number, at)
    else if (size === 4) at = room.writeUInt32BE(number, at)
  }

  function text(value: string): boolean {
    const size = value.length < short ? utf8Size(value) : -1
    if (size < 0) return longText(value)
    textHead(size)
    ensure(size)
    if (size === value.length) for (let i = 0; i < size; i++) room[at++] = value.charCodeAt(i)
    else for (let i = 0; i < value.length; i++) unit(value.charCodeAt(i))
    return true
  }

  function textHead(size: number): void {
    if (size < 0x20) token(0xa0 | size)
    else if (size < 0x100) token(0xd9, 1, size)
    else if (size < 0x10000) token(0xda, 2, size)
    else token(0xdb, 4, size)
  }

  function longText(value: string): boolean {
    if (!value.isWellFormed()) return false
    const size = Buffer.byteLength(value, 'utf8')
    textHead(size)
    ensure(size)
    at += room.write(value, at, 'utf8')
    return true
  }

  /** One UTF-16 unit that is no surrogate, as UTF-8. */
  function unit(unit: number): void {
    if (unit < 0x80) room[at++] = unit
    else if (unit < 0x800) {
      room[at++] = 0xc0 | (unit >> 6)
      room[at++] = 0x80 | (unit & 0x3f)
    } else {
      room[at++] = 0xe0 | (unit >> 12)
      room[at++] = 0x80 | ((unit >> 6) & 0x3f)
      room[at++] = 0x80 | (unit & 0x3f)
    }
  }

  return {
    token,
    text,
    double(value) {
      ensure(9)
      room[at++] = 0xcb
      at = room.writeDoubleBE(value, at)
    },
    long(value) {
      ensure(9)
      room[at++] = value < 0n ? 0xd3 : 0xcf
      at = value < 0n ? room.writeBigInt64BE(value, at) : room.writeBigUInt64BE(value, at)
    },
    wide(value) {
      ensure(9)
      room[at++] = value < 0 ? 0xd3 : 0xcf
      const high = Math.floor(value / 2 ** 32)
      at = value < 0 ? room.writeInt32BE(high, at) : room.writeUInt32BE(high, at)
      at = room.writeUInt32BE(value - high * 2 ** 32, at)
    },
    raw(bytes) {
      ensure(bytes.length)
      room.set(bytes, at)
      at += bytes.length
    },
    size: () => at,
    patch: (at, number) => void room.writeUInt32BE(number, at),
    message(write) {
      const from = at
      try {
        write()
        return Buffer.from(room.subarray(from, at))
      } finally {
        at = from
        if (from === 0 && room.length > kept) room = Buffer.allocUnsafe(initial)
      }
    },
  }
}

/** Up to here, in characters, a loop is faster than a call into the runtime. */
const short = 40

/** -1 where there are surrogates. */
function utf8Size(value: string): number {
  let size = value.length
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit < 0x80) continue
    if ((unit & 0xf800) === 0xd800) return -1
    size += unit < 0x800 ? 1 : 2
  }
  return size
}
