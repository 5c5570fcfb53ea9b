/**
 * What a throw inside an operator means: an error that names the operator and the place that the
 * record was read from.
 */
import type { StreamElement } from '../../element.ts'
import { FatalError, RxweftError, toRxweftError } from '../../errors.ts'
import type { StreamRecord } from '../../record.ts'

/**
 * A function of the user's that throws is Fatal: run again on the same record it would throw again.
 * An error that blames the record without knowing where it was read, such as one of a state key,
 * learns it here.
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
