import { Observable, type Observer, Subject } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { FatalError } from '../errors.ts'
import { asStream, type Stream } from '../stream.ts'

/** Second output of an operator, such as late records or alerts; made by `sideOutput`. */
export interface SideOutput<T> extends Stream<T> {
  /**
   * Used by operators: returns where to put elements, the Restore first.
   *
   * @throws SIDE_OUTPUT_TAKEN while another operator has it
   */
  readonly connect: (operator: string) => Inlet<T>
}

/** Side output with any type of values. */
export type AnySideOutput = Pick<SideOutput<never>, 'connect'>

/** Input of a side output. `next` throws Fatal SIDE_OUTPUT_UNUSED if nobody reads the output. */
export interface Inlet<T> extends Pick<Observer<StreamElement<T>>, 'next' | 'complete'> {
  /** Lets another operator have it. */
  release(): void
}

/**
 * Makes a second output of an operator: a stream with the operator's barriers and watermarks.
 *
 * ```ts
 * const late = sideOutput<Click>()
 * return [
 *   from(clicks).pipe(keyBy(user), window(tumbling(60_000), { late }).aggregate(...), to(counts)),
 *   late.pipe(to(lateClicks)),
 * ]
 * ```
 *
 * It ends in its own sink, in the same checkpoints. Make it inside the job's function, so that each
 * attempt has its own.
 */
export function sideOutput<T>(): SideOutput<T> {
  const elements = new Subject<StreamElement<T>>()
  let owner: string | undefined

  const connect = (operator: string): Inlet<T> => {
    if (owner !== undefined) throw taken(owner, operator)
    owner = operator
    return {
      next(element) {
        if (element.kind === 'restore' && !elements.observed) throw unused(operator)
        elements.next(element)
      },
      complete: () => elements.complete(),
      release() {
        owner = undefined
      },
    }
  }
  const output = asStream<T, unknown>(new Observable((subscriber) => elements.subscribe(subscriber)))
  return Object.assign(output, { connect })
}

function unused(operator: string): FatalError {
  return new FatalError('SIDE_OUTPUT_UNUSED', 'nothing reads the side output', {
    where: { operator },
    hint: 'Begin a branch of the job with it and end that branch in to(sink), or do not pass it to the operator',
  })
}

function taken(owner: string, operator: string): FatalError {
  return new FatalError('SIDE_OUTPUT_TAKEN', `the side output already belongs to "${owner}"`, {
    where: { operator },
    hint: 'Call sideOutput() once for each operator, inside the pipeline function, and merge the side outputs. If several branches read one operator, put share() behind it',
  })
}
