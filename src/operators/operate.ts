/**
 * The base of every operator, and the only file that touches Subscriber. An operator is a synchronous transducer: for each
 * element that comes in it emits zero or more, before it returns.
 *
 * It holds the one `try`: rxjs reports what a naive `new Observable` throws in `next` elsewhere and goes on, which loses that
 * record. Here a throw errors the stream, which ends the attempt, and the record is read again after the restart.
 */
import { Observable, type OperatorFunction, type Subscriber } from 'rxjs'
import type { Barrier, Idle, Restore, StreamElement, StreamRecord, Watermark } from '../element.ts'
import { FatalError, toRxweftError } from '../errors.ts'

/** What an operator does with each kind of element. What is left out passes through unchanged. */
export interface Step<T> {
  record(record: StreamRecord<T>): void
  watermark?(watermark: Watermark): void
  idle?(idle: Idle): void
  barrier?(barrier: Barrier): void
  restore?(restore: Restore): void
  /** The input completed; by default so does the output. */
  complete?(): void
  /** The subscription ended, for whatever reason: free what is held. */
  teardown?(): void
}

/** Elements in, elements out: what `pipe()` takes. */
export type ElementOperator<T, R> = OperatorFunction<StreamElement<T>, StreamElement<R>>

/**
 * Makes an operator. `start` is called once per subscription, so its closure holds the state of one attempt.
 * `name` appears in errors: the operator's id where it has one.
 */
export function operate<T, R>(
  name: string,
  start: (out: Subscriber<StreamElement<R>>) => Step<T>,
): ElementOperator<T, R> {
  return (source) =>
    new Observable((out) => {
      const step = start(out)
      const pass = (element: StreamElement<never>) => out.next(element)
      const handlers = {
        watermark: step.watermark?.bind(step) ?? pass,
        idle: step.idle?.bind(step) ?? pass,
        barrier: step.barrier?.bind(step) ?? pass,
        restore: step.restore?.bind(step) ?? pass,
      }
      const dispatch = (element: StreamElement<T>): void => {
        if (element.kind === 'record') step.record(element)
        else (handlers[element.kind] as (control: typeof element) => void)(element)
      }
      out.add(() => step.teardown?.())
      return source.subscribe({
        next(element) {
          try {
            dispatch(element)
          } catch (thrown) {
            out.error(failedIn(name, element, thrown))
          }
        },
        error: (error) => out.error(error),
        complete() {
          try {
            if (step.complete) step.complete()
            else out.complete()
          } catch (thrown) {
            out.error(failedIn(name, null, thrown))
          }
        },
      })
    })
}

/** A function of the user's that throws is Fatal: run again on the same record it would throw again. */
function failedIn(name: string, element: StreamElement<unknown> | null, thrown: unknown) {
  return toRxweftError(thrown, (cause) => {
    const where = element?.kind === 'record' ? { ...element.split, offset: element.offset } : {}
    return new FatalError('OPERATOR_FAILED', `${name} threw ${cause.name}: ${cause.message}`, {
      where: { operator: name, ...where },
      hint: 'The record was not processed and nothing of its checkpoint was committed; mend the function and start again',
      cause,
    })
  })
}
