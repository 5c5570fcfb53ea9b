import { FatalError } from '../../errors.ts'
import type { Stream } from '../../stream.ts'
import { operatorPlay } from './operatorPlay.ts'
import { operatorRules } from './operatorRules.ts'
import { keepsRules } from './rules.ts'

/** Input of `behavesAsAnOperator`. */
export interface OperatorContractOptions<T, K = null> {
  /** Values of the records, repeated where there are fewer than eight. */
  readonly values: readonly T[]
  /** Key of the record with this value; default: null. */
  readonly key?: ((value: T) => K) | undefined
}

/**
 * Tests the rules that every operator with one input must keep: it forwards everything that is not
 * a record, loses nothing in a restart, and completes when its input does. All rules are tried, and
 * one error lists the broken ones. Needs no test runner. The clock is virtual.
 *
 *     it('is an operator', () => behavesAsAnOperator(totals('totals'), { values: [1, 2, 3] }))
 *
 * @param operator subscribed to several times, one after the other
 * @throws CONTRACT_BROKEN a ContractError, where a rule does not hold
 */
export async function behavesAsAnOperator<T, R, K = null>(
  operator: (source: Stream<T, K>) => Stream<R, unknown>,
  options: OperatorContractOptions<T, K>,
): Promise<void> {
  const { values, key } = options
  if (values.length === 0) {
    throw new FatalError('BAD_OPTION', 'behavesAsAnOperator has no values', {
      hint: 'Give values that the operator takes',
    })
  }
  await keepsRules('the operator', operatorRules(operatorPlay(operator, values, key ?? (() => null as K))))
}
