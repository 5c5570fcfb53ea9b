import type { Key } from '../record.ts'
import type { Stream } from '../stream.ts'
import type { FixedWindows, SessionWindows } from '../time/windows.ts'
import { notAsync } from './engine/notAsync.ts'
import { joinWindows, type WindowJoinOptions } from './joins/joinWindows.ts'
import type { WindowInfo } from './windows/windowAggregator.ts'

/**
 * Joins all pairs of elements of two keyed streams with the same key and window.
 *
 *     left    R--a--b-----W--|     one key, and a window up to W
 *     right   R--------x--W--|
 *     windowJoin(right, tumbling(10), (left, right) => left + right, { id: 'pairs' })
 *             R---------(ax bx W)|
 *
 * Use `coGroup` to emit elements without a partner, too. A result has the key of its elements, the
 * last ms of the window as its timestamp, and the operator as its place. Windows, lateness and
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
  options: WindowJoinOptions<NoInfer<L>, NoInfer<R>>,
): (source: Stream<L, K>) => Stream<O, K> {
  function* pairs(lefts: readonly L[], rights: readonly R[], about: WindowInfo<K>): Generator<O> {
    for (const left of lefts) for (const right of rights) yield notAsync(options.id, join(left, right, about))
  }
  return joinWindows('windowJoin', right, assigner, pairs, options)
}
