/** Back-pressure: the contract by which holders of records make sources wait. */
import type { Meter } from './meter.ts'

/**
 * Count of the records that sources have emitted and that sinks or async operators still hold.
 *
 * Sources wait when there are too many: for memory, or for a barrier behind them to pass within
 * about a second.
 */
export interface Credits {
  /**
   * Counts records taken by a sink, which gives the credit back when they are safe. Sources wait by
   * the pace of that.
   */
  take(records?: number): void
  /** Returns credits. */
  give(records?: number): void
  /**
   * Counts records that wait for something other than their turn, such as the barrier of another
   * input.
   */
  hold(records?: number): void
  /** Ends the wait of held records. */
  release(records?: number): void
  /**
   * Adds a stage in which records wait, with its own pace.
   *
   * @param slots number of records that the stage works on at once
   * @param meter counts the time for which sources wait for it. Default: nobody does
   */
  stage(slots: number, meter?: Meter): Stage
  /** Number of records in flight. */
  readonly inFlight: number
  /**
   * Number of records that may be emitted now, so that fewer than `limit` are in flight afterwards.
   */
  room(limit: number): number
  /**
   * Resolves when fewer than `limit` records are in flight and every stage has room for one more.
   *
   * @param meter counts the time of waiting. Default: nobody does
   */
  below(limit: number, meter?: Meter): Promise<void>
  /** Whether a source waits in `below`: holders that collect more records should let go. */
  readonly starved: boolean
  /** Registers a callback for each time that a source starts to wait. */
  onStarved(listener: () => void): void
  /**
   * Brings the counted times of waiting up to date. Returns how many records each metered stage
   * holds.
   */
  measure(): ReadonlyMap<Meter, number>
}

/** Operator in which records wait for slow work. */
export interface Stage {
  /** Counts a record that has arrived. */
  take(): void
  /** Counts records, by default 1, that no longer wait. */
  give(records?: number): void
}

/** Operator that has not passed on a barrier yet, with the reason. */
export interface HeldBarrier {
  /** Id of the operator. */
  readonly operator: string
  /** Reason, as the end of the sentence "the operator holds its barrier: ...". */
  readonly what: string
}

/** Register of held barriers, for messages about slow checkpoints. */
export interface BarrierWatch {
  /**
   * Reports that a barrier has arrived and must wait. Returns a function to call when it has left.
   */
  hold(operator: string, checkpoint: number, what: () => string): () => void
  /** Lists the operators that hold the barrier now. */
  held(checkpoint: number): readonly HeldBarrier[]
  /** Operators with the time for which they hold a barrier, or have held the last one, ms. */
  durations(): ReadonlyMap<string, number>
  /** Whether a record has reached a sink since the last barrier left the sources. */
  written: boolean
  /** Sets the listener that is called when `written` becomes true. */
  onWritten(listener: () => void): void
}
