/**
 * Counts of one part of a job in one shard: plain numbers, which the part adds to and metrics read.
 * They outlive the attempt, so that they only rise while the shard runs in one thread. Records that
 * are read again after a restart count again.
 */
export interface Meter {
  /** Records that a source has emitted, or that an operator or sink has taken. */
  records: number
  /**
   * Records that are not yet in `records`: an operator adds them at control elements, since adding
   * each one would be measurable.
   */
  pending: () => number
  /** Bytes that a source has read or a sink has written, as far as the connector counts them. */
  bytes: number
  /** Of a source, time spent waiting; of an operator, time for which sources waited for it; ms. */
  blocked: number
  /** Event time of the last watermark, ms since the epoch; -Infinity: none yet. */
  watermark: number
}

/** Records that an operator has dropped. */
export interface Dropped {
  /** Late records. */
  late: number
  /** Bad records that were skipped. */
  skipped: number
  /** Bad records that were kept as dead letters. */
  deadLetters: number
}

/** Meters of the parts of one shard. */
export interface Meters {
  /** Meter of the source with this id. */
  source(id: string): Meter
  /** Meter of the sink with this id. */
  sink(id: string): Meter
  /**
   * Meter of an operator. A second operator of this name in the same attempt gets that of
   * "name-2", and so on: operators are asked for in the same order in each attempt.
   */
  operator(name: string): Meter
  /** Dropped records of the source, sink or operator with this id. */
  dropped(id: string): Dropped
}

/** Makes a meter at zero. */
export function newMeter(): Meter {
  return { records: 0, pending: () => 0, bytes: 0, blocked: 0, watermark: -Infinity }
}
