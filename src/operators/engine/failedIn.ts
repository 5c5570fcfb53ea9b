/** Turns what an operator throws into an error with the operator and the place of the record. */
import type { StreamElement } from '../../element.ts'
import { FatalError, RxweftError, toRxweftError } from '../../errors.ts'
import type { StreamRecord } from '../../record.ts'

/**
 * Fatal for user code that throws: it would throw again on the same record. An error that blames
 * the record without knowing its place, such as that of a state key, gets the place here.
 */
export function failedIn(name: string, element: StreamElement<unknown> | null, thrown: unknown): RxweftError {
  if (thrown instanceof RxweftError && thrown.badRecord && thrown.where.offset === undefined) {
    return element?.kind === 'record' ? thrown.at(whereOf(name, element)) : thrown
  }
  return toRxweftError(thrown, (cause) => {
    const badRecord = element?.kind === 'record'
    const where = badRecord ? whereOf(name, element) : { operator: name }
    return new FatalError('OPERATOR_FAILED', `${name} threw ${cause.name}: ${cause.message}`, {
      where,
      hint: 'The record was not processed, and nothing of its checkpoint was committed. Correct the function and start the job again, or set `onError`',
      cause,
      badRecord,
    })
  })
}

/** Place of a record, for errors. */
export function whereOf(operator: string, { split, offset }: StreamRecord<unknown>) {
  return { operator, topic: split.topic, partition: split.partition, offset }
}
