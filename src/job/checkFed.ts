/**
 * Checks that every output is connected to the sources: an unconnected one would never prepare, and
 * no checkpoint would ever complete.
 */
import type { OwnedAttempt } from './attemptContext.ts'
import type { BuiltPipeline } from './pipeline.ts'
import { outputNotFed } from './wiringErrors.ts'

/**
 * Called after the Restore has passed the pipeline: an output that it reached has asked for its
 * writer. If an operator did not let it pass, its own error has come first.
 *
 * @throws OUTPUT_NOT_FED if an output is not connected
 */
export function checkFed({ isUsed }: Pick<OwnedAttempt, 'isUsed'>, { outputs }: Pick<BuiltPipeline, 'outputs'>): void {
  const unfed = outputs.find(({ sink }) => !isUsed(sink))
  if (unfed !== undefined) throw outputNotFed(unfed.sink.id)
}
