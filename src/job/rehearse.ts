/**
 * A rehearsal: a pipeline that gets a Restore and nothing else, so that its operators open their
 * tables. Nothing is read and nothing is written.
 */
import { type Restore, restore } from '../element.ts'
import type { CheckpointId, Json, OperatorId } from '../record.ts'
import { keyedState, type StateTables } from '../state/store.ts'
import { attachment } from './attachment.ts'
import type { BuiltPipeline } from './pipeline.ts'

export interface Rehearsed {
  readonly checkpoint: CheckpointId
  readonly states: ReadonlyMap<OperatorId, Json>
}

/** Throws what an operator throws. */
export function rehearse(
  pipeline: BuiltPipeline,
  tables: StateTables,
  { checkpoint, states }: Rehearsed,
  attempt: Omit<Restore['services'], 'badRecords' | 'fail' | 'opened'>,
): void {
  const failures: unknown[] = []
  const failed = (thrown: unknown): void => void failures.push(thrown)
  const attached = attachment(pipeline, { next: () => undefined, error: failed, isFinal: () => false })
  const services: Restore['services'] = {
    ...attempt,
    badRecords: pipeline.badRecords,
    // The operators of the attempt itself are counted.
    meters: undefined,
    fail: failed,
    // Nothing is written, so no sink is opened.
    opened: (resource) => (Object.is(resource, keyedState) ? tables : {}) as never,
  }
  try {
    attached.start()
    for (const fed of pipeline.feeds) fed.rehearse(restore(checkpoint, states, services))
  } finally {
    attached.stop()
  }
  for (const thrown of failures) throw thrown
}
