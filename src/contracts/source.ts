/**
 * The contract of a source. A reader delivers batches and knows, at any synchronous moment, the
 * next offset of each of its splits. The runner, not the reader, turns them into elements and
 * barriers (job/feed.ts).
 */
import type { AttemptContext, OnError, Resource } from '../attempt.ts'
import type { RxweftError } from '../errors.ts'
import type { KeyPartitions } from '../keySlots.ts'
import type { Header, OperatorId, Split, SplitOffset, StreamRecord } from '../record.ts'
import { shardOf } from './slotTable.ts'
import type { StartPosition } from './startPosition.ts'

/** Source of records; the runner opens it once for each attempt. */
export interface Source<T> extends Resource<SourceReader<T>> {
  /** Id of the source: stable across restarts, unique within the job. */
  readonly id: OperatorId
  /** Names of the topics it reads, by which a test may address it. Default: unknown. */
  readonly topics?: readonly string[] | undefined
  /**
   * Whether its reader knows shards: of splits that appear later it reads those that are `ofShard`.
   * Without it the job cannot be spread over shards. Default false.
   */
  readonly sharded?: boolean | undefined
  /**
   * Whether `resolve` of its reader takes another position than the configured one, so that the
   * source can be reset. Default false.
   */
  readonly startsAnywhere?: boolean | undefined
  /** Whether the source ends by itself. Default false. */
  readonly bounded?: boolean | undefined
  /** Number of records in flight at which the source waits for the sinks. */
  readonly maxInFlight: number
  /** Policy for records that cannot be decoded or have no timestamp. Default: that of the job. */
  readonly onError?: OnError | undefined
}

/**
 * Returns whether this shard reads the split: its own ones, or all with `everywhere`. The plan
 * fixes the assignment, so that a record always meets the same state and the same transactional
 * ids.
 */
export function ofShard(
  { shard, slots, everywhere = false }: Pick<AttemptContext, 'shard' | 'slots' | 'everywhere'>,
  { partition }: Split,
): boolean {
  return everywhere || shardOf(slots, partition) === shard
}

/** Receives one record. The arguments are those of `streamRecord`, to save an object per record. */
export type Emit<T> = (
  value: T,
  timestamp: number,
  key: unknown,
  headers: readonly Header[],
  split: Split,
  offset: number,
) => void

/**
 * Receives a record that the reader cannot decode, as bytes, with a Fatal error that has
 * `badRecord`.
 *
 * Returns if the job continues without the record, so the position moves past it; throws otherwise.
 */
export type Refuse = (record: StreamRecord<unknown>, error: RxweftError) => void

/** Number of records that may be emitted at once; 0 if the reader must wait. */
export type Room = () => number

/** Receives the predicate that tells which splits must not be read for now. */
export type Hold = (held: (split: Split) => boolean) => void

/** Reader of a source for one attempt of one shard. */
export interface SourceReader<T> {
  /**
   * Resolves the start offsets of all existing splits of all shards. Called if the ledger has no
   * entry yet, and for a reset.
   *
   * @param start position instead of the configured one, if the source says `startsAnywhere`
   */
  resolve(start?: StartPosition): Promise<readonly SplitOffset[]>
  /**
   * Positions the reader. Splits of the shard that exist but are not in `splits` are new and start
   * at their beginning.
   *
   * Rejects with Fatal if an offset no longer exists or the topic was replaced by another one of
   * the same name: a reader never resets an offset by itself.
   */
  seek(splits: readonly SplitOffset[]): Promise<void>
  /**
   * Resolves with `'ready'` when there are records, with `'end'` when a bounded source has ended.
   * The runner then calls `drain`. May resolve with `'empty'` at any time, so that the runner
   * checks `ended` and polls again.
   */
  poll(): Promise<'ready' | 'empty' | 'end'>
  /**
   * Emits synchronously what `poll` found and moves the position past it.
   *
   * If `room` is given, it returns how many records may be emitted now: emit as many, ask again,
   * and stop at 0 with the position behind the last record. The next `poll` finds the rest. A
   * reader that ignores `room` lets a whole batch pass before a barrier, however slow the sinks
   * are.
   */
  drain(emit: Emit<T>, refuse: Refuse, room?: Room): void
  /** Returns the next offset of every split: exactly the emitted records lie before it. */
  position(): readonly SplitOffset[]
  /**
   * Returns, for each split of `position()`, the end of what can be read of it, as far as the
   * reader knows it without asking; undefined if it does not. Metrics take the lag from it. Must
   * not wait. Default: unknown.
   */
  ends?(): readonly (number | undefined)[]
  /**
   * Splits of a bounded source that have ended, in the order in which they ended. The list only
   * grows, and `poll` resolves as soon as it has grown, so that an ended split delays no watermark
   * and no other split.
   */
  readonly ended?: readonly Split[]
  /**
   * Makes `poll` and `drain` leave out the splits for which the predicate is true; `poll` waits
   * while only those have records. Called again whenever an answer changes, also while `poll`
   * waits; must not throw. Needed for `withAlignment`, together with `ended`.
   */
  readonly hold?: Hold
  /**
   * Tells that a checkpoint with this position is committed: records before it are not read again,
   * so a topic owned by the job may delete them. Must not wait; returns the failures since the last
   * call.
   */
  release?(splits: readonly SplitOffset[]): readonly Error[]
  /**
   * Tells in which partition the records of a key are, once `seek` has resolved. Default: equal
   * keys may be anywhere.
   */
  keyPartitions?(): KeyPartitions | undefined
  /** Releases the reader's resources. */
  close(): Promise<void>
}
