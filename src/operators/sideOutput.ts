import { Observable, type Observer, Subject } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { FatalError } from '../errors.ts'
import { asStream, type Stream } from '../stream.ts'

/** Where an operator puts records of a side output, whoever reads it. */
export interface SideReceiver<in T, in K = unknown> {
  /**
   * Used by operators: returns where to put elements, the Restore first.
   *
   * @throws SIDE_OUTPUT_TAKEN while another operator has it
   */
  readonly connect: (operator: string) => Inlet<T, K>
}

/**
 * Second output of an operator, such as late records or alerts; made by `sideOutput`.
 *
 * @typeParam T values of its records
 * @typeParam K keys of its records: those of the operator
 */
export interface SideOutput<T, K = unknown> extends Stream<T, K>, SideReceiver<T, K> {}

/** Side output with any type of values, and of keys. */
export type AnySideOutput = SideReceiver<never, never>

/** Input of a side output. `next` throws Fatal SIDE_OUTPUT_UNUSED if nobody reads the output. */
export interface Inlet<T, K = unknown> extends Pick<Observer<StreamElement<T, K>>, 'complete'> {
  readonly next: (element: StreamElement<T, K>) => void
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
 * attempt has its own. Its records keep the keys that they have in the operator: with their type,
 * as in `sideOutput<Click, string>()`, it can have state without another `keyBy`, and that state
 * moves with the keys to other shards.
 */
export function sideOutput<T, K = unknown>(): SideOutput<T, K> {
  const elements = new Subject<StreamElement<T, K>>()
  let owner: string | undefined

  const connect = (operator: string): Inlet<T, K> => {
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
  const output = asStream<T, K>(new Observable((subscriber) => elements.subscribe(subscriber)))
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
