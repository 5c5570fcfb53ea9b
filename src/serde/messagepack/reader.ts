/** Reads MessagePack: one value a message, and nothing else. Extensions are those of extensions.ts, and no message changes how the next is read. */
import type { Buffer } from 'node:buffer'
import { bigintOf, dateOf, extensions } from './extensions.ts'
import { type Input, input } from './input.ts'

/** @returns reads one message after the other. Throws TypeError on what is not exactly one value. Bytes in the value are views of the message. */
export function messagePackReader(): (message: Buffer) => unknown {
  const from = input()
  const read = valueReader(from)
  return (message) => {
    from.begin(message)
    try {
      const value = read()
      if (from.left() === 0) return value
    } catch (thrown) {
      throw thrown instanceof RangeError ? new TypeError('the MessagePack value is too deep') : thrown
    }
    throw new TypeError(`${from.left()} bytes follow the MessagePack value`)
  }
}

function valueReader(from: Input): () => unknown {
  const read = (): unknown => valueAfter(from.uint8())

  function valueAfter(token: number): unknown {
    if (token < 0x80) return token
    if (token < 0x90) return map(token & 0x0f)
    if (token < 0xa0) return array(token & 0x0f)
    if (token < 0xc0) return from.text(token & 0x1f)
    if (token >= 0xe0) return token - 0x100
    return (byToken[token - 0xc0] as () => unknown)()
  }

  /** Grows as elements come: a length that is only claimed costs nothing. */
  function array(length: number): unknown[] {
    const items: unknown[] = []
    for (let i = 0; i < length; i++) items.push(read())
    return items
  }

  /** An object where all keys are strings, else a Map: other languages write numbers there. */
  function map(size: number): unknown {
    let object: Record<string, unknown> = {}
    for (let i = 0; i < size; i++) {
      const key = readKey()
      if (typeof key !== 'string') return asMap(object, key, size - i)
      // An own `__proto__` is data only where there is no prototype.
      if (key === '__proto__') object = Object.assign(Object.create(null), object)
      object[key] = read()
    }
    return object
  }

  function readKey(): unknown {
    const token = from.uint8()
    return token >= 0xa0 && token < 0xc0 ? from.name(token & 0x1f) : valueAfter(token)
  }

  function asMap(begun: Record<string, unknown>, key: unknown, left: number): Map<unknown, unknown> {
    const found = new Map<unknown, unknown>(Object.entries(begun)).set(key, read())
    for (let i = 1; i < left; i++) found.set(read(), read())
    return found
  }

  function extension(size: number): unknown {
    const type = from.uint8()
    if (size > from.left()) from.bytes(size)
    const end = from.position() + size
    const value = extended(type, size)
    if (from.position() !== end) throw new TypeError(`an extension of type ${type} does not end where it says`)
    return value
  }

  function extended(type: number, size: number): unknown {
    switch (type) {
      case extensions.timestamp:
        return dateOf(from.bytes(size))
      case extensions.undefined:
        return void from.uint8()
      case extensions.bigint:
        return bigintOf(from.bytes(size))
      case extensions.map:
        return new Map(pairs(items()))
      case extensions.set:
        return new Set(items())
      default:
        throw new TypeError(`an extension has the unknown type ${type < 0x80 ? type : type - 0x100}`)
    }
  }

  function items(): unknown[] {
    const found = read()
    if (Array.isArray(found)) return found
    throw new TypeError('what is within a Map or Set is no array')
  }

  const byToken: readonly (() => unknown)[] = [
    ...[() => null, unused, () => false, () => true],
    ...[() => from.bytes(from.uint8()), () => from.bytes(from.uint16()), () => from.bytes(from.uint32())],
    ...[() => extension(from.uint8()), () => extension(from.uint16()), () => extension(from.uint32())],
    ...[from.float, from.double, from.uint8, from.uint16, from.uint32, from.uint64],
    ...[from.int8, from.int16, from.int32, from.int64],
    ...[1, 2, 4, 8, 16].map((size) => () => extension(size)),
    ...[() => from.text(from.uint8()), () => from.text(from.uint16()), () => from.text(from.uint32())],
    ...[() => array(from.uint16()), () => array(from.uint32()), () => map(from.uint16()), () => map(from.uint32())],
  ]

  return read
}

function unused(): never {
  throw new TypeError('the byte c1 begins no MessagePack value')
}

function* pairs(items: readonly unknown[]): Generator<[unknown, unknown]> {
  if (items.length % 2 === 1) throw new TypeError('a Map has a key without a value')
  for (let i = 0; i < items.length; i += 2) yield [items[i], items[i + 1]]
}
