import { oneOf } from '../optionRules.ts'
import type { OptionRules } from '../options.ts'
import type { Key } from '../record.ts'
import type { Stream } from '../stream.ts'
import type { FixedWindows, SessionWindows } from '../time/windows.ts'
import { notAsync } from './engine/notAsync.ts'
import { joinWindows, type WindowJoinOptions, windowJoinRules } from './joins/joinWindows.ts'
import type { KeyedRules } from './keyed/keyed.ts'
import type { WindowInfo } from './windows/windowAggregator.ts'

/** Side of an outer join whose elements without a partner are emitted, too. */
export type Outer = 'left' | 'right' | 'both'

/** Options of an inner `windowJoin`. */
export interface InnerWindowJoinOptions<L, R, K = unknown> extends WindowJoinOptions<L, R, K> {
  /** Side of an outer join. Default: none, an inner join. */
  readonly outer?: undefined
}

/** Options of an outer `windowJoin`. */
export interface OuterWindowJoinOptions<L, R, S extends Outer, K = unknown> extends WindowJoinOptions<L, R, K> {
  /**
   * Side whose elements are also emitted without a partner, as a left, right or full outer join
   * does. Default: none, an inner join.
   */
  readonly outer: S
}

const rules: KeyedRules & OptionRules<WindowJoinOptions<never, never> & { readonly outer?: Outer | undefined }> = {
  ...windowJoinRules,
  outer: oneOf('left', 'right', 'both'),
}

/**
 * Joins all pairs of elements of two keyed streams with the same key and window.
 *
 *     left    R--a--b-----W--|     one key, and a window up to W
 *     right   R--------x--W--|
 *     windowJoin(right, tumbling(10), (left, right) => left + right, { id: 'pairs' })
 *             R---------(ax bx W)|
 *
 * With `outer`, elements without a partner are emitted, too. A result has the key of its elements,
 * the last ms of the window as its timestamp, and the operator as its place. Windows, lateness and
 * watermarks are those of `window`; the lower watermark of both streams counts. After Flink's
 * JoinedStreams.
 *
 * @param join makes the result of a pair. If it throws, the attempt ends, since no single record is
 *   at fault
 */
export function windowJoin<L, R, O, K extends Key>(
  right: Stream<R, K>,
  assigner: FixedWindows | SessionWindows,
  join: (left: L, right: R, about: WindowInfo<K>) => O,
  options: InnerWindowJoinOptions<NoInfer<L>, NoInfer<R>, NoInfer<K>>,
): (source: Stream<L, K>) => Stream<O, K>
/**
 * Joins elements of two keyed streams with the same key and window, and emits those of a side that
 * have no partner.
 *
 *     left    R--a--b-----W--|     one key, and a window up to W
 *     right   R-----------W--|
 *     windowJoin(right, tumbling(10), (l, r = '?') => l + r, { id: 'pairs', outer: 'left' })
 *             R---------(a? b? W)|
 *
 * A record that comes within `allowedLateness` emits all results of its window again: an element
 * that had no partner may have one then.
 *
 * @param join receives undefined in place of a missing partner
 */
export function windowJoin<L, R, O, K extends Key, S extends Outer>(
  right: Stream<R, K>,
  assigner: FixedWindows | SessionWindows,
  join: (
    left: L | (S extends 'left' ? never : undefined),
    right: R | (S extends 'right' ? never : undefined),
    about: WindowInfo<K>,
  ) => O,
  options: OuterWindowJoinOptions<NoInfer<L>, NoInfer<R>, S, NoInfer<K>>,
): (source: Stream<L, K>) => Stream<O, K>
export function windowJoin<L, R, O, K extends Key>(
  right: Stream<R, K>,
  assigner: FixedWindows | SessionWindows,
  join: (left: L | undefined, right: R | undefined, about: WindowInfo<K>) => O,
  options: WindowJoinOptions<L, R, K> & { readonly outer?: Outer | undefined },
): (source: Stream<L, K>) => Stream<O, K> {
  const { outer } = options ?? {}

  function* pairs(lefts: readonly L[], rights: readonly R[], about: WindowInfo<K>): Generator<O> {
    const fromLeft = lefts.length === 0 && (outer === 'right' || outer === 'both') ? [undefined] : lefts
    const fromRight = rights.length === 0 && (outer === 'left' || outer === 'both') ? [undefined] : rights
    for (const left of fromLeft) for (const right of fromRight) yield notAsync(options.id, join(left, right, about))
  }
  return joinWindows('windowJoin', right, assigner, pairs, options, rules)
}
