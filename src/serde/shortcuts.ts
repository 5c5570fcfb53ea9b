/**
 * Faster paths of our own serdes for readers and writers of many records:
 * `shortcutsOf(text).decodeAt`. They are kept beside the serde, not in it: a user's `{ ...text,
 * decode }` has none of them, and its own `decode` is called.
 */
import type { Buffer } from 'node:buffer'
import type { Serde } from './serde.ts'

/** Faster paths of a serde. */
export interface Shortcuts<T> {
  /**
   * Text whose UTF-8 is the result of `encode`: well-formed, to be written in place; null is a
   * tombstone.
   */
  encodeText?(value: T): string | null
  /** Decodes the bytes from `from` up to `end`, exclusive, without a view of them. */
  decodeAt?(bytes: Buffer, from: number, end: number): T
}

const known = new WeakMap<object, Shortcuts<never>>()

/** Attaches shortcuts to a serde and returns it. */
export function withShortcuts<T>(serde: Serde<T>, shortcuts: Shortcuts<T>): Serde<T> {
  known.set(serde, shortcuts as Shortcuts<never>)
  return serde
}

export function shortcutsOf<T>(serde: Serde<T>): Shortcuts<T> {
  return (known.get(serde) ?? {}) as Shortcuts<T>
}
