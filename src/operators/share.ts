import { share as shared } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { asStream, type StreamOperator } from '../stream.ts'

/**
 * Lets several branches read the output of one operator, which then runs once.
 *
 *     const totals = orders.pipe(keyBy(customer), scan(add, 0, { id: 'totals' }), share())
 *     return [totals.pipe(to(all)), totals.pipe(filter(isLarge), to(large))]
 *
 * Behind an operator with state, each branch would otherwise have its own, under the same id.
 */
export function share<T, K = unknown>(): StreamOperator<T, T, K> {
  return (source) => asStream<T, K>(source.pipe(shared<StreamElement<T, K>>() as never))
}
