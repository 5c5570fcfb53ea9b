/** Checks that every output is connected with the sources: one that is not would never prepare anything, and no checkpoint would ever complete. */
import { FatalError } from '../errors.ts'
import type { OwnedAttempt } from './attemptContext.ts'
import type { BuiltPipeline } from './pipeline.ts'

/**
 * To be called when the Restore has gone through the pipeline: whom it has reached has asked for its writer. Throws Fatal OUTPUT_NOT_FED.
 * Where an operator has not let it pass, the error of that one has come first, and counts.
 */
export function checkFed({ isUsed }: OwnedAttempt, { outputs }: BuiltPipeline): void {
  const unfed = outputs.find(({ sink }) => !isUsed(sink))
  if (unfed === undefined) return
  throw new FatalError('OUTPUT_NOT_FED', 'no source of the job reaches the sink', {
    where: { operator: unfed.sink.id },
    hint: 'A branch that begins with a side output needs the operator that fills it in another branch of the same job',
  })
}
