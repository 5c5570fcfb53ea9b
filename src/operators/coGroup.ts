import type { Key } from '../record.ts'
import type { Stream } from '../stream.ts'
import type { FixedWindows, SessionWindows } from '../time/windows.ts'
import { joinWindows, type WindowJoinOptions } from './joins/joinWindows.ts'
import type { WindowInfo } from './windows/windowAggregator.ts'

/**
 * Groups the elements of two keyed streams by key and window; other joins can be built
 * from it.
 *
 *     left    R--a--b-----W--|     one key, and a window up to W
 *     right   R--------x--W--|
 *     coGroup(right, tumbling(10), (ls, rs) => [ls.length, rs.length], { id: 'counts' })
 *             R----------(21W)|
 *
 * A result has the key of its elements, the last ms of the window as its timestamp, and the
 * operator as its place. Windows, lateness and watermarks are those of `window`; the lower
 * watermark of both streams counts. After Flink's CoGroupedStreams.
 *
 * @param f receives the elements of each side in order of arrival; one side may be empty. Returns
 *   any number of results. If it throws, the attempt ends, since no single record is at fault
 */
export function coGroup<L, R, O, K extends Key>(
  right: Stream<R, K>,
  assigner: FixedWindows | SessionWindows,
  f: (lefts: readonly L[], rights: readonly R[], about: WindowInfo<K>) => Iterable<O>,
  options: WindowJoinOptions<NoInfer<L>, NoInfer<R>, NoInfer<K>>,
): (source: Stream<L, K>) => Stream<O, K> {
  return joinWindows('coGroup', right, assigner, f, options)
}
