/**
 * Tables of an operator, and their part in snapshots.
 *
 * Copy on write without a copy: `freeze` only sets the changed entries aside. They are then written
 * a few at a time, between records; an entry that is about to be read or changed before its turn is
 * written first. So a barrier costs nothing, however large the state, and even a value that is
 * changed in place is written as it was at the barrier.
 *
 *   set a, set b   barrier 1: frozen {a b}   get b: writes b, then returns it   idle: writes a
 *
 * Besides the changes, each snapshot writes some unchanged entries, in sweeps: once a sweep is
 * complete, everything older than its beginning is superseded. A sweep is a full snapshot in
 * instalments, so that no checkpoint is much larger than its changes.
 */
import type { Key } from '../record.ts'
import type { Serde } from '../serde/serde.ts'
import { type EncodedValue, type EntryPlaces, type EntryWriter, encodedEntry, walkEntries } from './entries.ts'

export interface TableSpec<V> {
  readonly serde: Serde<V>
  /** Version of the values, from 1. */
  readonly version?: number | undefined
  /** By old version: converts a value to the next version. */
  readonly migrate?: Migrations | undefined
  /** True for a value that is no longer wanted: the sweep drops it. */
  readonly expired?: ((value: V) => boolean) | undefined
  /** Default: values without a time. */
  readonly form?: Form | undefined
  /**
   * Key of the records to which an entry belongs; null: to none, so every shard has it. Default:
   * the key of the entry.
   *
   * @param sub returns the key within a map
   */
  readonly ownerOf?: ((key: Key, sub: () => Key) => Key | null) | undefined
  /**
   * Makes one value of those that two shards have of an entry that belongs to no key. Default: that
   * of one of them.
   */
  readonly join?: ((one: V, other: V) => V) | undefined
}

/**
 * Form of stored values, with or without a time. A snapshot may have values of the other form,
 * since `ttl` may be added or removed at any restart.
 */
export interface Form {
  readonly timed: boolean
  /** Converts a value of the other form. Throws TypeError on malformed bytes. */
  adopt(other: Buffer | null): Buffer | null
}

/**
 * Conversions by old version: `{ 1: (old) => ... }` makes values of version 2.
 *
 * `old` is parsed but not validated.
 */
export type Migrations = Readonly<Record<number, (old: never) => unknown>>

/**
 * Storage of the entries that are not in memory; null: all are. `get`, `load` and `admit` throw an
 * error with `badRecord` for a key that cannot be stored, so such a key never reaches a checkpoint.
 */
export interface Backing {
  /** Value of a key; undefined if there is none. */
  get(key: Uint8Array): Buffer | null | undefined
  /** Throws if an entry with this key and sub-key cannot be stored. */
  admit?(key: Key, sub: Key): void
  /** Entries of one key; `sub` is empty for a value. */
  load(key: Uint8Array, each: (sub: Buffer, value: EncodedValue) => void): void
  /** Readable only after the disk has been flushed. Undefined removes the entry. */
  save(key: Uint8Array, sub: Uint8Array, value: EncodedValue): void
  /**
   * As `save`, for an entry of a snapshot, at its places in `bytes`; a later one replaces it.
   * Readable only once all are restored (`Disk.restored`).
   */
  restore(bytes: Buffer, ...places: Parameters<EntryPlaces>): void
  /**
   * All entries in some order, each as it is when read. Entries added or removed meanwhile may or
   * may not be seen.
   */
  scan(): Iterable<readonly [key: Buffer, sub: Buffer, value: Buffer | null]>
  /** Number of entries; expensive. */
  readonly size: number
}

/** All entries of a table in memory, for another table of the same kind and name. */
export type Contents = object

/** A table as seen by snapshots. */
export interface SnapshotTable {
  readonly name: string
  readonly version: number
  /** Number of entries. */
  readonly size: number
  /** Number of entries changed since the last `freeze`. */
  readonly changed: number
  /** Number of entries frozen and not yet written. */
  readonly frozen: number
  /** Number of entries a sweep looks at for each changed one. */
  readonly pace: number
  /** Destination of written entries. */
  readonly out: EntryWriter
  /** What a table that takes the place of this one begins with. */
  contents(): Contents
  /**
   * Assigns all changes so far to this snapshot, later ones to the next. No entry may be frozen.
   *
   * @param whole also freezes unchanged entries, and drops expired ones
   */
  freeze(whole: boolean): void
  /** Writes one frozen entry. */
  writeFrozen(): void
  /**
   * One step of the sweep: looks at the next entry and writes it, unless it was written since the
   * sweep began; drops it if expired. False: the sweep is over, and the next one may begin.
   */
  writeClean(): boolean
  /** Makes the next step the first one of a new sweep. */
  restartSweep(): void
  /**
   * Loads an entry of a snapshot, at its places in `bytes`; later ones replace it.
   *
   * @param version version of its value
   */
  load(bytes: Buffer, version: number, ...places: Parameters<EntryPlaces>): void
  /**
   * Releases some entries that need not stay in memory. Written entries have been flushed by then.
   */
  evict(): void
}

/** Restores an entry whose value was encoded anew. */
export function restoreEncoded(backing: Backing, key: Uint8Array, sub: Uint8Array, value: EncodedValue): void {
  const bytes = encodedEntry(key, sub, value)
  walkEntries(bytes, (...places) => backing.restore(bytes, ...places))
}
