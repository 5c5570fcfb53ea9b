/**
 * Ordinary synchronous RxJS operators on the values inside the records. What they emit while a record is being processed takes
 * that record's key, timestamp, headers and place; barriers and watermarks pass by outside.
 *
 *   R--1--a--b--c--2--|
 *   lift(scan(join))
 *   R--1--a--ab-abc2--|
 *
 * What they remember is no part of a checkpoint: after a restart a lifted `scan` or `distinctUntilChanged` begins anew.
 * One that completes early (`take(2)`) emits no later record; the elements around it go on, and the source is read on.
 */
import { type Observable, type Observer, type OperatorFunction, Subject } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { FatalError } from '../errors.ts'
import { type StreamRecord, withValue } from '../record.ts'
import { failedIn } from './engine/failedIn.ts'
import { type ElementOperator, operate, type Step } from './engine/operate.ts'

/**
 * Takes operators as `pipe()` does. Errors: OPERATOR_FAILED where one of them errors; ASYNC_IN_LIFT where one emits, or still has
 * something to emit, while no record is being processed: `delay`, `debounceTime`, but also `startWith`, `last` and `toArray`.
 * Both end the job whatever its `onError`: an RxJS operator that has errored takes no more values.
 */
export function lift<T, A, Key = unknown>(a: OperatorFunction<T, A>): ElementOperator<T, A, Key>
export function lift<T, A, B, Key = unknown>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
): ElementOperator<T, B, Key>
export function lift<T, A, B, C, Key = unknown>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
): ElementOperator<T, C, Key>
export function lift<T, A, B, C, D, Key = unknown>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
  d: OperatorFunction<C, D>,
): ElementOperator<T, D, Key>
export function lift<T, A, B, C, D, E, Key = unknown>(
  a: OperatorFunction<T, A>,
  b: OperatorFunction<A, B>,
  c: OperatorFunction<B, C>,
  d: OperatorFunction<C, D>,
  e: OperatorFunction<D, E>,
): ElementOperator<T, E, Key>
export function lift<T, R, Key>(...operators: OperatorFunction<unknown, unknown>[]): ElementOperator<T, R, Key> {
  const start = (out: Observer<StreamElement<R>>): Step<T> => {
    const values = new Subject<T>()
    let current: StreamRecord<T> | null = null
    let failure: { readonly error: unknown } | null = null
    let over = false

    const lifted = operators.reduce((source, operator) => operator(source), values as Observable<unknown>)
    const inner = lifted.subscribe({
      next(value) {
        if (current) out.next(withValue(current, value as R))
        else out.error(outsideTheRecord())
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
        // Nobody listens although nothing has ended: subscribeOn, or retry with a delay. The value would be lost.
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
  return operate('lift', start, 'fail') as ElementOperator<T, R, Key>
}

function outsideTheRecord(): FatalError {
  return new FatalError('ASYNC_IN_LIFT', 'a lifted operator does not emit while the record is being processed', {
    where: { operator: 'lift' },
    hint: 'Use asyncMap for what takes time: lift takes only operators that answer each value at once, and emit nothing before or after',
  })
}
