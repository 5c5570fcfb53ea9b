/**
 * Checks that every output is connected with the sources: one that is not would never prepare
 * anything, and no checkpoint would ever complete.
 */
import type { OwnedAttempt } from './attemptContext.ts'
import type { BuiltPipeline } from './pipeline.ts'
import { outputNotFed } from './wiringErrors.ts'

/**
 * To be called when the Restore has gone through the pipeline: whom it has reached has asked for
 * its writer. Throws Fatal OUTPUT_NOT_FED. Where an operator has not let it pass, the error of that
 * one has come first, and counts.
 */
export function checkFed({ isUsed }: Pick<OwnedAttempt, 'isUsed'>, { outputs }: Pick<BuiltPipeline, 'outputs'>): void {
  const unfed = outputs.find(({ sink }) => !isUsed(sink))
  if (unfed !== undefined) throw outputNotFed(unfed.sink.id)
}
