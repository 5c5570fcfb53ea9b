import { type Observable, type Observer, type OperatorFunction, Subject } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { FatalError } from '../errors.ts'
import { type StreamRecord, withValue } from '../record.ts'
import type { StreamOperator } from '../stream.ts'
import { failedIn } from './engine/failedIn.ts'
import { asyncFunction } from './engine/notAsync.ts'
import { operate, type Step } from './engine/operate.ts'

/**
 * Runs synchronous RxJS operators on the values inside the records.
 *
 *     R--1--a--b--c--2--|
 *     lift(scan((all, letter) => all + letter, ''))
 *     R--1--a--ab-abc2--|
 *
 * Values emitted while a record is processed take its key, timestamp, headers and place; barriers
 * and watermarks pass outside. State of lifted operators is not a part of a checkpoint: after a
 * restart it begins anew. A lifted operator that completes (`take(2)`) emits no more records; the
 * source is still read.
 *
 * Takes up to five operators, as `pipe()` does. Errors of lifted operators end the job, whatever
 * `onError` is.
 *
 * @throws OPERATOR_FAILED if a lifted operator errors
 * @throws ASYNC_IN_LIFT if one emits, or still has to emit, outside of a record: `delay`,
 *   `debounceTime`, but also `startWith`, `last`, `toArray`
 */
export function lift<T, A, Key = unknown>(a: OperatorFunction<T, A>): StreamOperator<T, A, Key>
/** Runs two synchronous RxJS operators on the values inside the records; see `lift` with one. */
export function lift<T, A, B, Key = unknown>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
): StreamOperator<T, B, Key>
/** Runs three synchronous RxJS operators on the values inside the records; see `lift` with one. */
export function lift<T, A, B, C, Key = unknown>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
): StreamOperator<T, C, Key>
/** Runs four synchronous RxJS operators on the values inside the records; see `lift` with one. */
export function lift<T, A, B, C, D, Key = unknown>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
  d: OperatorFunction<C, D>,
): StreamOperator<T, D, Key>
/** Runs five synchronous RxJS operators on the values inside the records; see `lift` with one. */
export function lift<T, A, B, C, D, E, Key = unknown>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
  d: OperatorFunction<C, D>,
  e: OperatorFunction<D, E>,
): StreamOperator<T, E, Key>
export function lift<T, R, Key>(...operators: OperatorFunction<unknown, unknown>[]): StreamOperator<T, R, Key> {
  const start = (out: Observer<StreamElement<R>>): Step<T> => {
    const values = new Subject<T>()
    let current: StreamRecord<T> | null = null
    let failure: { readonly error: unknown } | null = null
    let over = false

    const lifted = operators.reduce((source, operator) => operator(source), values as Observable<unknown>)
    const inner = lifted.subscribe({
      next(value) {
        if (!current) out.error(outsideTheRecord())
        // Not thrown: rxjs would report it elsewhere, and go on.
        else if (value instanceof Promise) failure = { error: asyncFunction('lift', value, asyncInLift) }
        else out.next(withValue(current, value as R))
      },
      error(error) {
        failure = { error }
        if (!current) out.error(failedIn('lift', null, error))
      },
      complete() {
        over = true
      },
    })

    return {
      record(record) {
        if (over) return
        // Nobody listens although nothing has ended: subscribeOn, or retry with a delay. The value
        // would be lost.
        if (!values.observed) throw outsideTheRecord()
        current = record
        values.next(record.value)
        current = null
        if (failure) throw failure.error
      },
      complete() {
        values.complete()
        if (!over) throw outsideTheRecord()
        out.complete()
      },
      teardown: () => inner.unsubscribe(),
    }
  }
  return operate('lift', start, 'fail') as StreamOperator<T, R, Key>
}

const asyncInLift = 'an operator in lift emitted a promise'

function outsideTheRecord(): FatalError {
  return new FatalError('ASYNC_IN_LIFT', 'an operator in lift emitted while no value was being processed', {
    where: { operator: 'lift' },
    hint: 'Use asyncMap for asynchronous work: lift takes only operators that answer each value synchronously',
  })
}
