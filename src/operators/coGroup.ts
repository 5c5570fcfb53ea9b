/**
 * The elements of two streams with one key and in one window, together: what joins of all kinds can be made of.
 *
 *   left    R--a--b-----W--|     one key, and a window up to W
 *   right   R--------x--W--|
 *   coGroup(right, tumbling(10), (lefts, rights) => [lefts.length, rights.length], { id: 'counts' })
 *           R----------(21W)|
 *
 * Source: CoGroupedStreams of Flink.
 */
import type { Observable, OperatorFunction } from 'rxjs'
import type { StreamElement } from '../element.ts'
import type { Key } from '../record.ts'
import type { FixedWindows, SessionWindows } from '../time/windows.ts'
import { joinWindows, type WindowJoinOptions } from './joins/joinWindows.ts'
import type { WindowInfo } from './windows/windowAggregator.ts'

/**
 * Results have the key of their elements and the last ms of the window as their timestamp, and as their place that of the operator. Windows,
 * lateness and watermarks are those of `window`; the watermark is the lower one of both streams.
 *
 * @param f gets the elements of each side in the order in which they came; one side may have none. It answers any number of results. If it
 *   throws, the attempt ends: no record is at fault.
 */
export function coGroup<L, R, O, K extends Key>(
  right: Observable<StreamElement<R, K>>,
  assigner: FixedWindows | SessionWindows,
  f: (lefts: readonly L[], rights: readonly R[], about: WindowInfo<K>) => Iterable<O>,
  options: WindowJoinOptions<NoInfer<L>, NoInfer<R>>,
): OperatorFunction<StreamElement<L, K>, StreamElement<O, K>> {
  return joinWindows('coGroup', right, assigner, f, options)
}
