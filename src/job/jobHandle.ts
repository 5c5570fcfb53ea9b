/** What `execute` returns: how a running job is watched and ended. */
import type { Observable } from 'rxjs'
import { FatalError, toRxweftError } from '../errors.ts'
import type { CheckpointId } from '../record.ts'
import type { JobEvent } from './events.ts'

export interface JobResult {
  readonly outcome: 'finished' | 'stopped' | 'cancelled'
  /** The last checkpoint that this execution knows to be committed; over several shards, which count on their own, the lowest of them. */
  readonly checkpoint: CheckpointId
}

export interface JobHandle {
  /** Resolves when the job has ended as it should; rejects with the Fatal, Fenced or Corrupted error, or the last Retriable one. */
  readonly done: Promise<JobResult>
  /**
   * A final checkpoint, then the end: nothing is left open or undone. Where that fails it is tried three times more, as the restart
   * strategy allows. Resolves and rejects as `done` does.
   */
  stop(): Promise<JobResult>
  /** Ends at once; what came after the last checkpoint is read again by the next run. */
  cancel(): Promise<JobResult>
  /** What happens from now on. Completes when the job ends; never errors. */
  readonly events$: Observable<JobEvent>
}

/** Tells how it has ended, before whoever waits for `done` hears of it. */
export async function toldEnd(run: () => Promise<JobResult>, tell: (event: JobEvent) => void): Promise<JobResult> {
  try {
    const result = await run()
    tell({ type: result.outcome, checkpoint: result.checkpoint })
    return result
  } catch (thrown) {
    tell({ type: 'failed', error: toRxweftError(thrown, unexpected) })
    throw thrown
  }
}

/** A mistake in our own code or in a part that threw something unnamed: again would mean the same again. */
export function unexpected(cause: Error): FatalError {
  return new FatalError('UNEXPECTED', `${cause.name}: ${cause.message}`, { cause })
}
