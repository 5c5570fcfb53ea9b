import type { OnError } from '../../attempt.ts'
import { onErrorRule } from '../../optionRules.ts'
import { checkOptions } from '../../options.ts'

/** Options shared by every operator that calls user code. */
export interface OperatorOptions {
  /**
   * Policy for a record on which user code throws: 'fail' ends the job, 'skip' counts the record,
   * 'dead-letter' writes it into the sink of the job's `onError: deadLetter(sink)`. An rxweft error
   * thrown by user code, such as a RetriableError, keeps its own consequence. Default: that of the
   * job.
   */
  readonly onError?: OnError | undefined
}

/**
 * Policy given to the operator.
 *
 * @throws BAD_OPTION if an option is unknown
 */
export function ownPolicy(operator: string, options: OperatorOptions): OnError | undefined {
  checkOptions<OperatorOptions>(operator, options, { onError: onErrorRule }, { where: { operator } })
  return options.onError
}
