/** Writes values as MessagePack, in one pass, and refuses what would come back as something else. */
import type { Buffer } from 'node:buffer'
import { bytesOfBigint, bytesOfDate, extensions } from './extensions.ts'
import { type Output, output } from './output.ts'

/** What cannot be kept, and where in the value: the path grows on its way out. */
class Unfaithful extends Error {}

/** @returns makes one message after the other, in bytes of their own. Throws TypeError, naming the place, on what would come back as something else. */
export function messagePackWriter(): (value: unknown) => Buffer {
  const out = output()
  const write = valueWriter(out)
  return (value) => {
    try {
      return out.message(() => write(value))
    } catch (thrown) {
      if (thrown instanceof Unfaithful) throw new TypeError(`value${thrown.message}, which MessagePack cannot keep`)
      if (thrown instanceof RangeError) throw new TypeError('value is too deep or too large, or a part of itself')
      throw thrown
    }
  }
}

function valueWriter(out: Output): (value: unknown) => void {
  function write(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return text(value)
      case 'number':
        return writeNumber(out, value)
      case 'boolean':
        return out.token(value ? 0xc3 : 0xc2)
      case 'object':
        return value === null ? out.token(0xc0) : object(value)
      case 'bigint':
        return bigint(value)
      case 'undefined':
        return extension(extensions.undefined, zero)
      default:
        throw new Unfaithful(` is of type ${typeof value}`)
    }
  }

  function text(value: string): void {
    if (!out.text(value)) throw new Unfaithful(' has half a surrogate pair')
  }

  /** What a number could be would come back as one. */
  function bigint(value: bigint): void {
    const isSafe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
    if (isSafe || value < -(2n ** 63n) || value >= 2n ** 64n) extension(extensions.bigint, bytesOfBigint(value))
    else out.long(value)
  }

  function object(value: object): void {
    if (Object.getPrototypeOf(value) === Object.prototype) properties(value)
    else if (Array.isArray(value)) array(value)
    else if (value instanceof Uint8Array) binary(value)
    else if (value instanceof Date) date(value)
    else if (value instanceof Map) nested(extensions.map, [...value].flat(1))
    else if (value instanceof Set) nested(extensions.set, [...value])
    else if (isPlain(value)) properties(value)
    else throw new Unfaithful(` is a ${value.constructor?.name}`)
  }

  function array(items: readonly unknown[]): void {
    const { length } = items
    head(length, 0x90, 0xdc)
    let at = 0
    try {
      for (; at < length; at++) write(items[at])
    } catch (thrown) {
      throw within(`[${at}]`, thrown)
    }
  }

  /** A property that is undefined reads the same when it is gone. */
  function properties(value: object): void {
    const parts = value as { readonly [name: string]: unknown }
    const names = Object.keys(value)
    let left = 0
    for (const name of names) if (parts[name] !== undefined) left++
    head(left, 0x80, 0xde)
    for (const name of names) {
      const part = parts[name]
      if (part === undefined) continue
      property(name, part)
      left--
    }
    // A getter may say so. One property too few would make another value of all that follows.
    if (left !== 0) throw new Unfaithful(' changes while it is written')
  }

  function property(name: string, part: unknown): void {
    try {
      text(name)
      write(part)
    } catch (thrown) {
      throw within(`.${name}`, thrown)
    }
  }

  /** How many there are: within the token, if they are few. */
  function head(count: number, few: number, many: number): void {
    if (count < 0x10) out.token(few | count)
    else if (count < 0x10000) out.token(many, 2, count)
    else out.token(many + 1, 4, count)
  }

  function binary(value: Uint8Array): void {
    if (value.length < 0x100) out.token(0xc4, 1, value.length)
    else if (value.length < 0x10000) out.token(0xc5, 2, value.length)
    else out.token(0xc6, 4, value.length)
    out.raw(value)
  }

  function date(value: Date): void {
    if (Number.isNaN(value.getTime())) throw new Unfaithful(' is an invalid Date')
    extension(extensions.timestamp, bytesOfDate(value))
  }

  function extension(type: number, content: Uint8Array): void {
    const fixed = fixedSizes.indexOf(content.length)
    if (fixed >= 0) out.token(0xd4 + fixed)
    else if (content.length < 0x100) out.token(0xc7, 1, content.length)
    else out.token(0xc9, 4, content.length)
    out.token(type)
    out.raw(content)
  }

  /** An extension around an array of which nobody knows yet how long it gets. */
  function nested(type: number, items: readonly unknown[]): void {
    out.token(0xc9, 4, 0)
    out.token(type)
    const from = out.size()
    array(items)
    out.patch(from - 5, out.size() - from)
  }

  return write
}

/** As an integer where it is one exactly, in as few bytes as that takes; -0 is none. */
function writeNumber(out: Output, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) out.double(value)
  else if (value >= 0) writeNatural(out, value)
  else writeNegative(out, value)
}

function writeNatural(out: Output, value: number): void {
  if (value < 0x80) out.token(value)
  else if (value < 0x100) out.token(0xcc, 1, value)
  else if (value < 0x10000) out.token(0xcd, 2, value)
  else if (value < 2 ** 32) out.token(0xce, 4, value)
  else out.wide(value)
}

function writeNegative(out: Output, value: number): void {
  if (value >= -0x20) out.token(value + 0x100)
  else if (value >= -0x80) out.token(0xd0, 1, value + 0x100)
  else if (value >= -0x8000) out.token(0xd1, 2, value + 0x10000)
  else if (value >= -(2 ** 31)) out.token(0xd2, 4, value + 2 ** 32)
  else out.wide(value)
}

/** Also of another realm: it has a prototype without a prototype. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function within(place: string, thrown: unknown): unknown {
  return thrown instanceof Unfaithful ? new Unfaithful(`${place}${thrown.message}`) : thrown
}

const fixedSizes: readonly number[] = [1, 2, 4, 8, 16]
const zero = Uint8Array.of(0)
