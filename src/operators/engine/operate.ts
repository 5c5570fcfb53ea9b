/**
 * The base of every operator, and the only code that touches Subscriber. An operator is a
 * transducer: it emits zero or more elements for each one that comes in; all operators except
 * `asyncMap` and `to` do so before they return.
 *
 * It holds the one `try`. What a naive `new Observable` throws in `next`, rxjs reports elsewhere
 * and continues, which loses the record. Here a throw errors the stream and ends the attempt, and
 * the record is read again after the restart; if the record itself is at fault, `onError` decides.
 */

import { Observable, type Observer, Subscriber } from 'rxjs'
import type { OnError } from '../../attempt.ts'
import type { Barrier, Idle, Restore, StreamElement, Watermark } from '../../element.ts'
import { FatalError } from '../../errors.ts'
import type { StreamRecord } from '../../record.ts'
import { asStream, type Stream, type StreamOperator } from '../../stream.ts'
import { drawn } from './drawn.ts'
import { failedIn } from './failedIn.ts'
import { type Here, type KeptHere, keptHere } from './here.ts'

/** Reaction of an operator to each kind of element; kinds left out pass unchanged. */
export interface Step<T, K = unknown> {
  /** Processes a record. */
  record(record: StreamRecord<T, K>): void
  /** Processes a watermark. Default: passes it on. */
  watermark?(watermark: Watermark): void
  /** Processes an Idle. Default: passes it on. */
  idle?(idle: Idle): void
  /** Processes a barrier. Default: passes it on. */
  barrier?(barrier: Barrier): void
  /** Processes the Restore, the first element. Default: passes it on. */
  restore?(restore: Restore): void
  /** Reacts to the end of the input. Default: completes the output. */
  complete?(): void
  /**
   * Frees what is held when the subscription ends, for whatever reason. Must not throw. Default:
   * none.
   */
  teardown?(): void
}

/** Any element but a record. */
export type Control = Watermark | Idle | Barrier | Restore

/**
 * Makes an operator of one input.
 *
 *     operate('evens', (out) => ({
 *       record: (record) => { if (record.value % 2 === 0) out.next(record) },
 *     }))
 *
 * Elements without a handler pass unchanged. What a handler throws ends the attempt, or is a bad
 * record.
 *
 * @param name appears in errors: the operator's id if it has one
 * @param start called once per subscription, so its closure holds the state of one attempt
 * @param onError policy for records on which `record` throws; default: that of the job
 */
export function operate<T, R, K = unknown>(
  name: string,
  start: (out: Observer<StreamElement<R, K>>, here: Here) => Step<T, K>,
  onError?: OnError,
): StreamOperator<T, R, K> {
  return (source) => {
    const output = new Observable<StreamElement<R, K>>((out) => {
      const here = keptHere(name, out, onError)
      attach(name, source, start(out, here), out, (control) => out.next(control), here, here)
    })
    return asStream(drawn(output, { kind: name, inputs: [source] }))
  }
}

/** Makes an operator with several inputs: `start` returns one step for each. */
export function operateMany<T, R>(
  name: string,
  inputs: readonly Stream<T>[],
  start: (out: Observer<StreamElement<R>>, here: KeptHere) => readonly Step<T>[],
  onError?: OnError,
): Stream<R> {
  const output = new Observable<StreamElement<R>>((out) => {
    const here = keptHere(name, out, onError)
    const steps = start(out, here)
    for (const [at, input] of inputs.entries()) {
      const step = steps[at]
      if (step && !out.closed) attach(name, input, step, out, (control) => out.next(control), here)
    }
  })
  return asStream(drawn(output, { kind: name, inputs }))
}

/**
 * Makes the end of a pipeline: its output consists of other values, and elements that `start`
 * leaves out end here.
 */
export function operateLast<T, O>(
  name: string,
  start: (out: Observer<O>, here: Here) => Step<T>,
  onError?: OnError,
): (source: Stream<T>) => Observable<O> {
  return (source) => {
    const output = new Observable<O>((out) => {
      const here = keptHere(name, out, onError, 'sink')
      attach(name, source, start(out, here), out, () => undefined, here, here)
    })
    return drawn(output, { kind: name, inputs: [source] })
  }
}

/**
 * Subscribes a step to an input. The input is its own Subscriber, tied to the output, so it goes
 * quiet at once when the output ends, even inside a synchronous source.
 *
 * @param here context of the operator: errors end the attempt through it
 * @param own the same if this is its only input, which then moves it; `align` moves that of several
 */
function attach<T, K>(
  name: string,
  source: Stream<T, K>,
  step: Step<T, K>,
  out: Subscriber<never>,
  pass: (control: Control) => void,
  here: KeptHere,
  own?: KeptHere,
): void {
  let meter = here.meter
  /** Records since the last control element. */
  let taken = 0
  const end = (error: unknown): void => out.error(here.reported(error))
  const control = (element: Control): void => {
    meter.records += taken
    taken = 0
    if (element.kind === 'restore') own?.begin(element)
    else if (element.kind === 'barrier') own?.pass(element)
    else if (!isElement(element)) throw notAnElement(name)
    else if (element.kind === 'watermark' && own) meter.watermark = element.timestamp
    const handle = step[element.kind] as ((control: Control) => void) | undefined
    if (handle) handle.call(step, element)
    else pass(element)
    if (element.kind === 'restore') {
      meter = here.meter
      // Of several inputs, each is counted at its control elements.
      if (own) meter.pending = () => taken
    }
  }
  const failed = (element: StreamElement<T, K>, thrown: unknown): void => {
    if (!isElement(element)) return end(notAnElement(name))
    const error = element.kind === 'record' && own ? own.end(element, thrown) : failedIn(name, element, thrown)
    if (error !== null) end(error)
  }
  const input = new Subscriber<StreamElement<T, K>>({
    next(element) {
      try {
        if (element.kind === 'record') {
          taken += 1
          step.record(element)
        } else control(element)
      } catch (thrown) {
        failed(element, thrown)
      }
    },
    error: (error: unknown) => out.error(error),
    complete() {
      try {
        if (step.complete) step.complete()
        else out.complete()
      } catch (thrown) {
        end(failedIn(name, null, thrown))
      }
    },
  })
  out.add(input)
  if (step.teardown) out.add(() => step.teardown?.())
  source.subscribe(input)
}

const kinds: readonly unknown[] = ['record', 'watermark', 'idle', 'barrier', 'restore']

/** An RxJS operator between two of ours may emit anything. */
const isElement = (given: { readonly kind: unknown } | null | undefined): boolean => kinds.includes(given?.kind)

function notAnElement(operator: string): FatalError {
  return new FatalError('NOT_AN_ELEMENT', `${operator} received something that is not a stream element`, {
    where: { operator },
    hint: 'RxJS operators such as map or scan see elements, not values: import those of rxweft, or wrap them in lift()',
  })
}
