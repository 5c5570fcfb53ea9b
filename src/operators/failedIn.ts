/** What a throw inside an operator means: an error that names the operator and the place that the record was read from. */
import type { StreamElement, StreamRecord } from '../element.ts'
import { FatalError, type RxweftError, toRxweftError } from '../errors.ts'

/** A function of the user's that throws is Fatal: run again on the same record it would throw again. */
export function failedIn(name: string, element: StreamElement<unknown> | null, thrown: unknown): RxweftError {
  return toRxweftError(thrown, (cause) => {
    const badRecord = element?.kind === 'record'
    const where = badRecord ? whereOf(name, element) : { operator: name }
    return new FatalError('OPERATOR_FAILED', `${name} threw ${cause.name}: ${cause.message}`, {
      where,
      hint: 'The record was not processed and nothing of its checkpoint was committed; mend the function and start again, or set `onError`',
      cause,
      badRecord,
    })
  })
}

/** For errors: the operator, and the place that the record was read from. */
export function whereOf(operator: string, { split, offset }: StreamRecord<unknown>) {
  return { operator, topic: split.topic, partition: split.partition, offset }
}
