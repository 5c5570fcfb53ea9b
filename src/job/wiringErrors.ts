/** Errors in the wiring of a job, the same for a real run and for a job under test. */
import { FatalError } from '../errors.ts'
import type { CheckpointId, OperatorId } from '../record.ts'

export function pipelineEnded(operator: OperatorId): FatalError {
  return new FatalError('PIPELINE_ENDED', 'the pipeline completed before its sources did', {
    where: { operator },
    hint: 'Remove RxJS operators that complete by themselves, such as take: later records would be lost',
  })
}

export function unusedSource(operator: OperatorId): FatalError {
  return new FatalError('UNUSED_SOURCE', 'no branch of the pipeline uses this source', {
    where: { operator },
    hint: 'Use the result of from(source) in a branch that ends in to(sink), or do not call from for this source',
  })
}

export function outputNotFed(operator: OperatorId): FatalError {
  return new FatalError('OUTPUT_NOT_FED', 'no source of the job leads to this sink', {
    where: { operator },
    hint: 'If the branch begins with a side output, pass this side output to an operator in another branch of the same job. RxJS operators such as filter or delay do not forward the Restore: import the operators of rxweft, or wrap them in lift()',
  })
}

export function barrierLost(operator: OperatorId, checkpoint: CheckpointId): FatalError {
  return new FatalError('BARRIER_LOST', 'an operator before the sink dropped a barrier', {
    where: { operator, checkpoint },
    hint: 'RxJS operators such as filter, skip or debounceTime drop barriers: import the operators of rxweft, or wrap them in lift()',
  })
}
