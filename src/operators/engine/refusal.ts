import type { OnError } from '../../attempt.ts'
import type { Restore } from '../../element.ts'
import { onErrorRule } from '../../optionRules.ts'
import { checkOptions } from '../../options.ts'
import type { CheckpointId, StreamRecord } from '../../record.ts'
import { failedIn } from './failedIn.ts'

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

/** Reaction of one operator to bad records, in one attempt. */
export interface Refusal {
  /** Checkpoint to which records belong from now on. */
  checkpoint: CheckpointId
  readonly policy: OnError
  /** Returns null to continue without the record, otherwise the error to end with. Never throws. */
  end(record: StreamRecord<unknown>, thrown: unknown, checkpoint?: CheckpointId): Error | null
}

/**
 * Reaction to bad records by the operator's policy, or else the job's.
 *
 * @throws NO_DEAD_LETTER_SINK
 * @throws BAD_OPTION
 */
export function refusal(operator: string, onError: OnError | undefined, restore: Restore): Refusal {
  const { badRecords } = restore.services
  const policy = badRecords.policy(operator, onError)
  const refused: Refusal = {
    checkpoint: restore.checkpoint + 1,
    policy,
    end(record, thrown, checkpoint = refused.checkpoint) {
      const error = failedIn(operator, record, thrown)
      return error.badRecord ? badRecords.take({ record, operator, checkpoint, error }, policy) : error
    },
  }
  return refused
}
