import type { Window } from '../../time/windows.ts'
import type { Aggregator } from '../aggregate.ts'

/** Key and window of a result. */
export interface WindowInfo<K> {
  /** Key of the records. */
  readonly key: K
  /** Window of the records. */
  readonly window: Window
}

/** Aggregator whose result may depend on the key and the window. */
export interface WindowAggregator<T, A, R, K> extends Pick<Aggregator<T, A, R>, 'create' | 'add'> {
  /**
   * Merges the accumulators of two sessions; may change one in place and return it. Required for
   * sessions only.
   */
  readonly merge?: ((earlier: A, later: A) => A) | undefined
  /** Returns the result of a window. */
  readonly result: (accumulator: A, about: WindowInfo<K>) => R
}

/** Aggregator for sessions: they merge, so their accumulators must merge, too. */
export interface SessionAggregator<T, A, R, K> extends WindowAggregator<T, A, R, K> {
  /** Merges the accumulators of two sessions; may change one in place and return it. */
  readonly merge: (earlier: A, later: A) => A
}
