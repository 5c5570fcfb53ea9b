/**
 * Faster ways for serdes of our own, for those who read and write many records: `shortcutsOf(text).decodeAt`. They are kept beside the serde and not in
 * it, so that `{ ...text, decode }` of a user's has none, and his `decode` is the one that is called.
 */
import type { Buffer } from 'node:buffer'
import type { Serde } from './serde.ts'

export interface Shortcuts<T> {
  /** As `encode`, where that is the UTF-8 of a text: this text, well-formed, to be written to where it belongs at once. null is a tombstone. */
  encodeText?(value: T): string | null
  /** As `decode` of the bytes from `from` up to `end`, not included: no view of them has to be made first. */
  decodeAt?(bytes: Buffer, from: number, end: number): T
}

const known = new WeakMap<object, Shortcuts<never>>()

/** The serde itself, which from now on has these. */
export function withShortcuts<T>(serde: Serde<T>, shortcuts: Shortcuts<T>): Serde<T> {
  known.set(serde, shortcuts as Shortcuts<never>)
  return serde
}

export function shortcutsOf<T>(serde: Serde<T>): Shortcuts<T> {
  return (known.get(serde) ?? {}) as Shortcuts<T>
}
