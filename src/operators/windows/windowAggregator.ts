/** What a window makes of its records while they come. */
import type { Window } from '../../time/windows.ts'
import type { Aggregator } from '../aggregate.ts'

/** Whose result it is. */
export interface WindowInfo<K> {
  readonly key: K
  readonly window: Window
}

/** An Aggregator whose result may depend on the key and the window. */
export interface WindowAggregator<T, A, R, K> extends Pick<Aggregator<T, A, R>, 'create' | 'add'> {
  /** Makes one accumulator of those of two sessions; may change one in place, if it returns it. */
  readonly merge?: ((earlier: A, later: A) => A) | undefined
  readonly result: (accumulator: A, about: WindowInfo<K>) => R
}

/** Sessions merge, so their accumulators must. */
export interface SessionAggregator<T, A, R, K> extends WindowAggregator<T, A, R, K> {
  readonly merge: (earlier: A, later: A) => A
}
