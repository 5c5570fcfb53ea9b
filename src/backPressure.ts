/** How whoever holds records makes sources wait: the contract between sinks, operators and the runner. */

/**
 * The records that sources have emitted and that sinks or async operators still hold. Sources wait while there are too many:
 * for the memory, or for a barrier behind them to get through within about a second.
 */
export interface Credits {
  /** A sink has a record, and gives its credit back when the record is safe. Sources wait by how fast that happens. */
  take(records?: number): void
  give(records?: number): void
  /** The same for a record that waits for something else than its turn, such as the barrier of another input: it only counts. */
  hold(records?: number): void
  release(records?: number): void
  /** One more stage that records wait in, with a pace of its own. `slots`: how many of them it works on at once. */
  stage(slots: number): Stage
  readonly inFlight: number
  /** How many more records may be emitted now. Fewer than `limit` are in flight afterwards, if each becomes one of them. */
  room(limit: number): number
  /** Resolves once fewer than `limit` records are in flight and there is room for one more everywhere. */
  below(limit: number): Promise<void>
  /** Somebody waits in `below`: whoever holds records back, to collect more of them, should let go. */
  readonly starved: boolean
  /** Called each time that somebody starts to wait. */
  onStarved(listener: () => void): void
}

/** An operator in which records wait for what takes time. */
export interface Stage {
  /** A record has come. */
  take(): void
  /** So many of them, default 1, wait for nothing any more. */
  give(records?: number): void
}

/** An operator that has not passed on a barrier yet, and why. */
export interface HeldBarrier {
  readonly operator: string
  /** As the end of a sentence: "the operator holds its barrier: ..." */
  readonly what: string
}

/** Who holds which barrier: for messages about checkpoints that take long. */
export interface BarrierWatch {
  /** The barrier of this checkpoint has come, and has to wait. Returns what to call when it has left. */
  hold(operator: string, checkpoint: number, what: () => string): () => void
  /** Who holds it now. */
  held(checkpoint: number): readonly HeldBarrier[]
}
