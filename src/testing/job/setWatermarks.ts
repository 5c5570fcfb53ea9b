/**
 * Watermarks set by a test, merged with those of the source's records. They only rise.
 *
 *     source   Ra--(W 5)b------(W 20)
 *     by hand  ------------10--------
 *              Ra--(W 5)b--(W 10)(W 20)
 */

import { defer, filter, merge, type Observable } from 'rxjs'
import { type StreamElement, type Watermark, watermark } from '../../element.ts'
import { asStream, type Stream } from '../../stream.ts'

/** @param set completes when the source does */
export function withSetWatermarks<T>(source: Stream<T>, set: Observable<Watermark>): Stream<T> {
  return asStream<T, unknown>(defer(() => merge<StreamElement<T>[]>(source, set).pipe(filter(rising<T>()))))
}

function rising<T>(): (element: StreamElement<T>) => boolean {
  let highest = watermark(-Infinity)
  return (element) => {
    if (element.kind !== 'watermark') return true
    if (element.timestamp <= highest.timestamp) return false
    highest = element
    return true
  }
}
