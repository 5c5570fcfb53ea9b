/**
 * A second output of an operator: late records, alerts, whatever is not its main result. It is a stream of its own, with the operator's barriers and
 * watermarks, and ends in a sink of its own, in the same checkpoint.
 *
 *   const late = sideOutput<Click>()
 *   return [
 *     from(clicks).pipe(keyBy(...), window(tumbling(60_000), { late }).aggregate(...), to(counts)),
 *     late.pipe(to(lateClicks)),
 *   ]
 */
import { Observable, type Observer, Subject } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { FatalError } from '../errors.ts'

export interface SideOutput<T> extends Observable<StreamElement<T>> {
  /** For operators: where to put elements, the Restore first. Throws Fatal SIDE_OUTPUT_TAKEN while another operator has it. */
  readonly connect: (operator: string) => Inlet<T>
}

/** Whatever its values are: for operators that take several. */
export type AnySideOutput = Pick<SideOutput<never>, 'connect'>

/** `next` throws Fatal SIDE_OUTPUT_UNUSED where nobody would get the elements. */
export interface Inlet<T> extends Pick<Observer<StreamElement<T>>, 'next' | 'complete'> {
  /** Another operator may have it. */
  release(): void
}

/** To be made within the job's function, like the pipelines, so that each attempt has its own. */
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
  const output = new Observable<StreamElement<T>>((subscriber) => elements.subscribe(subscriber))
  return Object.assign(output, { connect })
}

function unused(operator: string): FatalError {
  return new FatalError('SIDE_OUTPUT_UNUSED', 'nothing reads the side output', {
    where: { operator },
    hint: 'Let a branch of the job begin with it and end in to(sink), or do not give it to the operator',
  })
}

function taken(owner: string, operator: string): FatalError {
  return new FatalError('SIDE_OUTPUT_TAKEN', `the side output is that of "${owner}" already`, {
    where: { operator },
    hint: 'Give each operator a sideOutput() of its own, and merge them; make them within the job, and share() an operator that branches use together',
  })
}
