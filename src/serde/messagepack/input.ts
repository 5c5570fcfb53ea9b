/** The bytes of one message after the other, read from front to back. Each step throws TypeError where the message ends within it. */
import { Buffer } from 'node:buffer'
import { decodeUtf8 } from '../text.ts'
import { keyCache } from './keyCache.ts'

export interface Input {
  begin(message: Buffer): void
  position(): number
  /** How many bytes are left. */
  left(): number
  uint8(): number
  uint16(): number
  uint32(): number
  int8(): number
  int16(): number
  int32(): number
  /** 64 bits: a number where it is one exactly. */
  uint64(): number | bigint
  int64(): number | bigint
  float(): number
  double(): number
  /** A view. */
  bytes(size: number): Buffer
  text(size: number): string
  /** As `text`, for what comes again and again. */
  name(size: number): string
}

export function input(): Input {
  const names = keyCache()
  let message: Buffer = Buffer.alloc(0)
  let at = 0

  /** Steps over so many bytes, and returns where they begin. */
  function take(size: number): number {
    const from = at
    at += size
    if (at > message.length) throw new TypeError('the MessagePack value is cut off')
    return from
  }

  function text(size: number): string {
    const from = take(size)
    const short = size <= 12 ? ascii(message, from, at) : null
    return short ?? decodeUtf8(message, from, at)
  }

  return {
    begin(next) {
      message = next
      at = 0
    },
    position: () => at,
    left: () => message.length - at,
    uint8: () => message[take(1)] as number,
    uint16: () => message.readUInt16BE(take(2)),
    uint32: () => message.readUInt32BE(take(4)),
    int8: () => message.readInt8(take(1)),
    int16: () => message.readInt16BE(take(2)),
    int32: () => message.readInt32BE(take(4)),
    uint64() {
      const from = take(8)
      const number = message.readUInt32BE(from) * 2 ** 32 + message.readUInt32BE(from + 4)
      return Number.isSafeInteger(number) ? number : message.readBigUInt64BE(from)
    },
    int64() {
      const from = take(8)
      const number = message.readInt32BE(from) * 2 ** 32 + message.readUInt32BE(from + 4)
      return Number.isSafeInteger(number) ? number : message.readBigInt64BE(from)
    },
    float: () => message.readFloatBE(take(4)),
    double: () => message.readDoubleBE(take(8)),
    bytes(size) {
      const from = take(size)
      return message.subarray(from, at)
    },
    text,
    name(size) {
      const from = take(size)
      const known = names.find(message, from, size)
      if (known !== undefined) return known
      at = from
      return names.add(message, from, size, text(size))
    },
  }
}

/** For a few characters this is faster than a call into the runtime; null where there is any that is not ASCII. */
function ascii(bytes: Buffer, from: number, end: number): string | null {
  let found = ''
  let at = from
  for (; at + 4 <= end; at += 4) {
    const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]] as [number, number, number, number]
    if ((a | b | c | d) > 0x7f) return null
    found += String.fromCharCode(a, b, c, d)
  }
  for (; at < end; at++) {
    if ((bytes[at] as number) > 0x7f) return null
    found += String.fromCharCode(bytes[at] as number)
  }
  return found
}
