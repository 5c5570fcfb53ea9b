/**
 * Replacements of avsc types that would silently change data. avsc detaches `_read` from its object
 * when schemas are resolved, so `_read` must not use `this`.
 */
import avsc, { type Type } from 'avsc'
import { decodeLong, encodeLong } from './avroLong.ts'

/** Position of avsc in the data. Behind its end it reads zeros, and is no longer valid. */
interface Tap {
  pos: number
  readonly buf: Buffer
  readLong(): number
  skipLong(): void
  readString(): string
  writeFixed(bytes: Buffer): void
  isValid(): boolean
}

interface Resolver {
  _read(tap: Tap): unknown
}

interface Reads {
  _read(tap: Tap): unknown
  _update(resolver: Resolver, type: Type): void
}

function readLong(tap: Tap): number | bigint {
  const from = tap.pos
  tap.skipLong()
  return tap.isValid() ? decodeLong(tap.buf.subarray(from, tap.pos)) : 0
}

class NumberLong extends avsc.types.LongType {
  _read(tap: Tap): number {
    const value = readLong(tap)
    if (typeof value === 'number') return value
    throw new TypeError("a long is beyond the safe integers; set longs: 'bigint'")
  }

  _write(tap: Tap, value: unknown): void {
    if (!Number.isSafeInteger(value)) throw new TypeError('no long')
    tap.writeFixed(encodeLong(value as number))
  }
}

export const longAsNumber: Type = new NumberLong()

export const longAsBigint: Type = avsc.types.LongType.__with(
  {
    fromBuffer: (bytes: Buffer) => BigInt(decodeLong(bytes)),
    toBuffer: encodeLong,
    fromJSON: BigInt,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === 'bigint' && value === BigInt.asIntN(64, value),
    compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
  },
  true,
)

/** Double that reads a long and rounds it to a double, no further. */
class RoundedDouble extends avsc.types.DoubleType {
  _update(resolver: Resolver, type: Type): void {
    if (isLong(type)) resolver._read = (tap) => Number(readLong(tap))
    else (avsc.types.DoubleType.prototype as unknown as Reads)._update.call(this, resolver, type)
  }
}

class RoundedFloat extends avsc.types.FloatType {
  _update(resolver: Resolver, type: Type): void {
    if (isLong(type)) resolver._read = (tap) => Math.fround(Number(readLong(tap)))
    else (avsc.types.FloatType.prototype as unknown as Reads)._update.call(this, resolver, type)
  }
}

export const double: Type = new RoundedDouble()
export const float: Type = new RoundedFloat()

function isLong({ typeName }: Type): boolean {
  return typeName === 'long' || typeName === 'abstract:long'
}

/**
 * Map in an object without a prototype: a key `__proto__` stays data wherever the object is copied.
 */
export class PlainMap extends avsc.types.MapType {
  _read(this: Resolver & { readonly valuesType: Resolver }, tap: Tap): unknown {
    let entries: Record<string, unknown> = {}
    for (let count = blockOf(tap); count > 0; count = blockOf(tap)) {
      for (let left = count; left > 0 && tap.isValid(); left--) {
        const key = tap.readString()
        if (key === '__proto__') entries = Object.assign(Object.create(null), entries)
        entries[key] = this.valuesType._read(tap)
      }
    }
    return entries
  }
}

/**
 * Array that does not believe the length of a block: avsc would read behind the end until memory is
 * exhausted.
 */
export class BoundedArray extends avsc.types.ArrayType {
  _read(this: Resolver & { readonly itemsType: Resolver }, tap: Tap): unknown {
    const items: unknown[] = []
    for (let count = blockOf(tap); count > 0; count = blockOf(tap)) {
      for (let left = count; left > 0 && tap.isValid(); left--) items.push(this.itemsType._read(tap))
    }
    return items
  }
}

/** Number of items that follow. If it is negative, their size in bytes comes first. */
function blockOf(tap: Tap): number {
  const count = tap.readLong()
  if (count < 0) tap.skipLong()
  return Math.abs(count)
}
