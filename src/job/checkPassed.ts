/** Checks that a barrier has passed the pipeline: if one is lost, no checkpoint can complete. */
import type { BarrierWatch } from '../backPressure.ts'
import type { CheckpointId } from '../record.ts'
import type { BuiltPipeline } from './pipeline.ts'
import { barrierLost } from './wiringErrors.ts'

/**
 * Called when all sources have emitted the barrier. By then it has reached every sink, unless an
 * operator holds it and reports that.
 *
 * @throws BARRIER_LOST if a sink lacks it and no operator holds it
 */
export function checkPassed(
  checkpoint: CheckpointId,
  barriers: BarrierWatch,
  { outputs, branches }: Pick<BuiltPipeline, 'outputs' | 'branches'>,
): void {
  // Dead letters get their barrier later, when every sink knows whether it refuses a record before
  // it.
  const sinks = outputs.slice(0, branches).map(({ sink }) => sink.id)
  const holders = barriers.held(checkpoint).map(({ operator }) => operator)
  if (holders.some((holder) => !sinks.includes(holder))) return
  const lost = sinks.find((sink) => !holders.includes(sink))
  if (lost !== undefined) throw barrierLost(lost, checkpoint)
}
