/**
 * Common part of an operator's tables: how they take part in snapshots.
 *
 * Copy on write without a copy: `freeze` only sets the changed entries aside. They are written a
 * few at a time, between records; an entry that is read or changed before its turn is written
 * first. So a barrier costs nothing, whatever the size of the state, and even a value that is
 * changed in place is written as it was at the barrier.
 *
 *     set a, set b   barrier 1: frozen {a b}   get b: writes b, then returns it   idle: writes a
 *
 * Besides changes, each snapshot has some unchanged entries, in rounds: a round supersedes all
 * snapshots older than its beginning. It is a full snapshot in instalments, so that no checkpoint
 * is much larger than its changes.
 */
import type { Key } from '../record.ts'
import type { Serde } from '../serde/serde.ts'
import type { EncodedValue, EntryWriter } from './entries.ts'

export interface TableSpec<V> {
  readonly serde: Serde<V>
  /** Of the values; from 1 on. */
  readonly version?: number | undefined
  /** By version: makes a value of the next version out of one of this one. */
  readonly migrate?: Migrations | undefined
  /** The value is no longer wanted: the round drops it. */
  readonly expired?: ((value: V) => boolean) | undefined
  /** Default: values without a time. */
  readonly form?: Form | undefined
}

/**
 * Layout of values with or without a time. A snapshot may have the other layout, since `ttl` may be
 * set or left out at any restart.
 */
export interface Form {
  readonly timed: boolean
  /** A value of the other form, as one of this form. Throws TypeError on what is none. */
  adopt(other: Buffer | null): Buffer | null
}

/**
 * Conversions by old version: `{ 1: (old) => ... }` makes values of version 2.
 *
 * `old` is parsed but not validated.
 */
export type Migrations = Readonly<Record<number, (old: never) => unknown>>

/**
 * Store of the entries that are not in memory; null: all are in memory. `get`, `load` and `admit`
 * throw an error with `badRecord` on a key that cannot be kept, so no checkpoint has such a key.
 */
export interface Backing {
  /** The value of a key; undefined: there is none. */
  get(key: Uint8Array): Buffer | null | undefined
  /** Throws where an entry under this key and sub-key cannot be kept. */
  admit?(key: Key, sub: Key): void
  /** The entries of one key; `sub` is empty for a value. */
  load(key: Uint8Array, each: (sub: Buffer, value: EncodedValue) => void): void
  /** Read again only once the disk has been flushed. undefined: the entry is gone. */
  save(key: Uint8Array, sub: Uint8Array, value: EncodedValue): void
  /**
   * The entries in some order, each as it is when it is asked for; what is new or gone meanwhile
   * may be seen or not.
   */
  scan(): Iterable<readonly [key: Buffer, sub: Buffer, value: Buffer | null]>
  /** How many there are. To be asked seldom. */
  readonly size: number
}

/** Table as seen by the snapshot. */
export interface SnapshotTable {
  readonly name: string
  readonly version: number
  /** How many entries there are. */
  readonly size: number
  /** How many have changed since the last `freeze`. */
  readonly changed: number
  /** How many are frozen and not written yet. */
  readonly frozen: number
  /** For each that has changed, how many others a round looks at. */
  readonly pace: number
  /** Where entries are written to. */
  readonly out: EntryWriter
  /**
   * What has changed up to now belongs to this snapshot, what changes from now on to the next one.
   * Nothing must be frozen.
   * @param whole freezes what has not changed too, but for what has expired, which is dropped
   */
  freeze(whole: boolean): void
  /** Writes one frozen entry. */
  writeFrozen(): void
  /**
   * One step of the round: looks at the next entry, and writes it where the round has not, and
   * nothing has since it began; or drops it if it has expired. False: the round is over, and the
   * next one may begin.
   */
  writeClean(): boolean
  /** The next step is the first of a new round. */
  restartRound(): void
  /** From a snapshot; later ones replace it. undefined: gone. */
  load(key: Buffer, sub: Buffer, value: Buffer | null | undefined, version: number): void
  /** Lets go of some of what need not be in memory. What was written has been flushed. */
  evict(): void
}
