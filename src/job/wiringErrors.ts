/** Errors in the wiring of a job, the same for a real run and for a job under test. */
import { FatalError } from '../errors.ts'
import type { CheckpointId, OperatorId } from '../record.ts'

export function pipelineEnded(operator: OperatorId): FatalError {
  return new FatalError('PIPELINE_ENDED', 'the pipeline has completed and its sources have not', {
    where: { operator },
    hint: 'RxJS operators that complete by themselves, such as take, cannot be in a pipeline: what follows would be read and lost',
  })
}

export function unusedSource(operator: OperatorId): FatalError {
  return new FatalError('UNUSED_SOURCE', 'the job reads from a source that no branch of its pipeline uses', {
    where: { operator },
    hint: 'Let a branch that ends in to(sink) use what from(source) returned, or do not call from for it',
  })
}

export function outputNotFed(operator: OperatorId): FatalError {
  return new FatalError('OUTPUT_NOT_FED', 'no source of the job reaches the sink', {
    where: { operator },
    hint: 'A branch that begins with a side output needs the operator that fills it in another branch of the same job. RxJS operators such as filter or delay do not pass the Restore on: import those of rxweft, or wrap them in lift()',
  })
}

export function barrierLost(operator: OperatorId, checkpoint: CheckpointId): FatalError {
  return new FatalError('BARRIER_LOST', 'an operator before the sink has dropped a barrier', {
    where: { operator, checkpoint },
    hint: 'RxJS operators such as filter, skip or debounceTime drop barriers: import those of rxweft, or wrap them in lift()',
  })
}
