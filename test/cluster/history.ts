/** History of a run and the expected output: the input of the checkers. */

/** A record that a read_committed reader has seen. */
export interface Seen {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly value: string
}

/** A sink of the run. By partition: index p of `expected` and of `final` is partition p. */
export interface SinkHistory {
  readonly topic: string
  /** What the input, as it is in the source in the end, has to become. */
  readonly expected: readonly (readonly string[])[]
  /** What a reader sees that reads everything in the end. */
  readonly final: readonly (readonly Seen[])[]
  /** What a reader has seen that was there all the time, in the order in which it became visible to it. */
  readonly during: readonly (readonly Seen[])[]
}

export interface History {
  readonly sinks: readonly SinkHistory[]
  /** Values that were written in transactions which were aborted, on purpose. */
  readonly aborted: ReadonlySet<string>
  /**
   * By sink and partition: how many records were visible whenever nothing was open and nobody was writing. Each was then the work of the
   * same checkpoint.
   */
  readonly standstills: readonly (readonly (readonly number[])[])[]
}

/** One finding of a checker: where, and which value; for people. */
export type Finding = string
