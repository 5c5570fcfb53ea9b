/** What becomes of the records that one operator cannot process, in one attempt: `onError`, seen from the operator. */

import type { OnError } from '../../attempt.ts'
import type { Restore } from '../../element.ts'
import { checkOptionNames } from '../../options.ts'
import type { CheckpointId, StreamRecord } from '../../record.ts'
import { failedIn } from './failedIn.ts'

/** What every operator takes that calls a function of the user's. */
export interface OperatorOptions {
  /**
   * What becomes of a record that the function throws on: 'fail' ends the job, 'skip' counts it, 'dead-letter' writes it into the sink of
   * the job's `onError: deadLetter(sink)`. Default: what the job says. A function that throws one of rxweft's errors itself, say a
   * RetriableError, means what that says.
   */
  readonly onError?: OnError | undefined
}

/** The policy that an operator was given. Throws Fatal BAD_OPTION on options that it does not have. */
export function ownPolicy(operator: string, options: OperatorOptions): OnError | undefined {
  checkOptionNames(operator, options, { onError: true })
  return options.onError
}

export interface Refusal {
  /** The checkpoint that records belong to from now on. */
  checkpoint: CheckpointId
  readonly policy: OnError
  /** null: go on without the record. Else the error to end with. Never throws. */
  end(record: StreamRecord<unknown>, thrown: unknown, checkpoint?: CheckpointId): Error | null
}

/** Throws Fatal NO_DEAD_LETTER_SINK and BAD_OPTION. */
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
