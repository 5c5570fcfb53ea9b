/**
 * The contract of a source. A reader delivers batches and knows, at any synchronous moment, the next offset of each of its
 * splits. The runner, not the reader, makes elements and barriers out of that (job/feed.ts).
 */
import type { AttemptContext, OnError, Resource } from '../attempt.ts'
import type { RxweftError } from '../errors.ts'
import type { Header, OperatorId, Split, SplitOffset, StreamRecord } from '../record.ts'

export interface Source<T> extends Resource<SourceReader<T>> {
  readonly id: OperatorId
  /** What it reads, where that has names: a test may call the source by them. */
  readonly topics?: readonly string[] | undefined
  /** Its reader knows shards: of the splits that come later, it reads those that are `ofShard`. Without it the job cannot be spread. */
  readonly sharded?: boolean | undefined
  /** It ends by itself. */
  readonly bounded?: boolean | undefined
  /** At most this many records are in flight before the source waits for the sinks. */
  readonly maxInFlight: number
  /** What becomes of records that cannot be decoded, or have no timestamp; default: what the job says. */
  readonly onError?: OnError | undefined
}

/** Whether this shard reads the split: each has a fixed set of them, so that a record is always read under the same state and ids. */
export function ofShard({ shard, shards }: Pick<AttemptContext, 'shard' | 'shards'>, { partition }: Split): boolean {
  return partition % shards === shard
}

/** Receives one record. The arguments are those of `streamRecord`, without an object in between. */
export type Emit<T> = (
  value: T,
  timestamp: number,
  key: unknown,
  headers: readonly Header[],
  split: Split,
  offset: number,
) => void

/**
 * Receives a record that the reader cannot make anything of: as bytes, with a Fatal error that has `badRecord`. Returns where the job goes on
 * without it, so the position then moves past it; throws where it does not.
 */
export type Refuse = (record: StreamRecord<unknown>, error: RxweftError) => void

/** How many records may be emitted now, in one go; 0: none for the moment. */
export type Room = () => number

/** Receives the question which splits are not to be read for now. */
export type Hold = (held: (split: Split) => boolean) => void

export interface SourceReader<T> {
  /** The start offsets as configured, of every split that exists now, of all shards. Only called where the ledger has no entry yet. */
  resolve(): Promise<readonly SplitOffset[]>
  /**
   * Positions the reader. Splits of the shard that exist but are not among `splits` are new and start at their beginning.
   * Rejects with Fatal where an offset is no longer there or the topic is another one: it never resets by itself.
   */
  seek(splits: readonly SplitOffset[]): Promise<void>
  /**
   * Resolves when there is something to emit, or with 'end' when a bounded source is through. The runner then calls `drain`.
   * Resolves with 'empty' whenever it likes, so that the runner looks at `ended` and asks again.
   */
  poll(): Promise<'ready' | 'empty' | 'end'>
  /**
   * Emits synchronously what `poll` found, and moves the position past it. Where `room` is given it says how many records may
   * be emitted now: emit so many, ask again, and stop at 0, with the position behind the last record. What is left over is
   * what the next `poll` finds. A reader that does not ask lets a whole batch pass in front of a barrier, however slow the sinks are.
   */
  drain(emit: Emit<T>, refuse: Refuse, room?: Room): void
  /** The next offset of every split: exactly what has been emitted is before it. */
  position(): readonly SplitOffset[]
  /**
   * Of a bounded source: the splits that are through, in that order. It only grows; `poll` resolves as soon as it has, so that a split that is
   * through holds back no watermark, nor other splits.
   */
  readonly ended?: readonly Split[]
  /**
   * From now on `poll` and `drain` leave out the splits for which this answers true, and `poll` waits while only they have anything. Called
   * again each time that its answers have changed, also while `poll` waits, and never throws. Needed for `withAlignment`, and with it `ended`.
   */
  readonly hold?: Hold
  /**
   * A checkpoint with this position is decided, so what is before it is not read again: where the topic is the job's own, it may go. Must not wait;
   * returns what has failed of that since the last call.
   */
  release?(splits: readonly SplitOffset[]): readonly Error[]
  close(): Promise<void>
}
