/**
 * Byte form of values with the time at which they were set:
 *
 *   8 bytes   time, a double, big endian
 *   1 byte    0: the value is null, 1: its bytes follow
 */
import type { Serde } from '../serde/serde.ts'
import type { Form } from './table.ts'

/** A value, and the timestamp of the record that set it, for values that expire. */
export interface Stamped<V> {
  readonly at: number
  readonly value: V
}

export function stamped<V>(serde: Serde<V>): Serde<Stamped<V>> {
  const { parse } = serde
  return {
    encode: ({ at, value }) => join(at, serde.encode(value)),
    decode: (bytes) => split(bytes, (value) => serde.decode(value)),
    parse: (bytes) => split<unknown>(bytes, (value) => (parse === undefined ? serde.decode(value) : parse(value))),
  }
}

/** Form of values that live forever: times in a snapshot are dropped. */
export const untimed: Form = { timed: false, adopt: (other) => split(other, (value) => value).value }

/**
 * Form of values that expire. Values without a time in a snapshot live from now on; if event time
 * is still unknown, from when they are next set.
 */
export function timedSince(time: () => number): Form {
  return { timed: true, adopt: (other) => join(Number.isFinite(time()) ? time() : Infinity, other) }
}

function join(at: number, value: Uint8Array | null): Buffer {
  const bytes = Buffer.allocUnsafe(9 + (value?.length ?? 0))
  bytes.writeDoubleBE(at, 0)
  bytes[8] = value === null ? 0 : 1
  if (value !== null) bytes.set(value, 9)
  return bytes
}

function split<A>(bytes: Buffer | null, inner: (value: Buffer | null) => A): Stamped<A> {
  if (bytes === null || bytes.length < 9) throw new TypeError('the value has no time')
  return { at: bytes.readDoubleBE(0), value: inner(bytes[8] === 0 ? null : bytes.subarray(9)) }
}
