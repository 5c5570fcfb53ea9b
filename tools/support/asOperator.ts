import type { MonoTypeOperatorFunction } from 'rxjs'
import type { StreamElement } from '../../src/element.ts'
import { asStream, type StreamOperator } from '../../src/stream.ts'

/** Lets an RxJS operator pass for one of ours, which the compiler does not: for mistakes, and for tests that look at elements. */
export function asOperator<T, K = unknown>(
  operator: MonoTypeOperatorFunction<StreamElement<T, K>>,
): StreamOperator<T, T, K> {
  return (source) => asStream<T, K>(operator(source))
}
