/** Errors with which the checkpoint coordinator ends an attempt. */
import { FatalError, RetriableError } from '../errors.ts'
import type { CheckpointId } from '../record.ts'
import type { CheckpointSettings } from './settings.ts'

/** How far a checkpoint has come. */
export type Progress = 'preparing' | 'storing' | 'stored' | 'committing'

const stuck: { readonly [progress in Progress]: string } = {
  preparing: 'waiting for a sink to flush, or for an operator that still holds records from before the barrier',
  storing: 'storing the snapshot',
  stored: 'waiting for the commit of the previous checkpoint',
  committing: 'committing',
}

export function timedOut(
  { timeout }: Pick<CheckpointSettings, 'timeout'>,
  { checkpoint, progress }: { readonly checkpoint: CheckpointId; readonly progress: Progress },
): RetriableError {
  return new RetriableError(
    'CHECKPOINT_TIMEOUT',
    `the checkpoint was not committed within ${timeout} ms: it was still ${stuck[progress]}`,
    {
      where: { checkpoint },
      hint: 'If this part is slow and not broken, raise checkpointing.timeout, and with it transactionTimeout of the sink',
    },
  )
}

export function outOfOrder(checkpoint: CheckpointId, expected: Progress): FatalError {
  return new FatalError(
    'CHECKPOINT_OUT_OF_ORDER',
    `a step of the checkpoint was reported as finished (${expected}), but was not in progress`,
    {
      where: { checkpoint },
      hint: 'This is a bug in rxweft, or in a sink of your own; please report it if it is in rxweft',
    },
  )
}
