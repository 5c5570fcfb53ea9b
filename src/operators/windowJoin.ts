/**
 * All pairs of elements of two streams with one key and in one window, when the watermark has reached its end.
 *
 *   left    R--a--b-----W--|     one key, and a window up to W
 *   right   R--------x--W--|
 *   windowJoin(right, tumbling(10), (left, right) => left + right, { id: 'pairs' })
 *           R---------(ax bx W)|
 *
 * Where elements that have no partner shall come out too, use `coGroup`. Source: JoinedStreams of Flink.
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
 * @param join makes the result of a pair. If it throws, the attempt ends: no record is at fault.
 */
export function windowJoin<L, R, O, K extends Key>(
  right: Observable<StreamElement<R, K>>,
  assigner: FixedWindows | SessionWindows,
  join: (left: L, right: R, about: WindowInfo<K>) => O,
  options: WindowJoinOptions<NoInfer<L>, NoInfer<R>>,
): OperatorFunction<StreamElement<L, K>, StreamElement<O, K>> {
  function* pairs(lefts: readonly L[], rights: readonly R[], about: WindowInfo<K>): Generator<O> {
    for (const left of lefts) for (const right of rights) yield join(left, right, about)
  }
  return joinWindows('windowJoin', right, assigner, pairs, options)
}
