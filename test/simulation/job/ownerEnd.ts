import type { RunningJob } from '../../../src/job/jobHandle.ts'
import type { Process } from '../core/process.ts'

/** How an execution has ended. */
export type OwnerEnd =
  | { readonly outcome: string }
  | { readonly error: Error & { readonly code?: string; readonly consequence?: string } }

/** Returns how it has ended, once it has: null before, and for ever if its process died first. */
export function endOf({ done }: Pick<RunningJob, 'done'>, process: Process): () => OwnerEnd | null {
  let end: OwnerEnd | null = null
  const ended = (how: OwnerEnd): void => {
    if (process.state !== 'dead') end = how
  }
  done.then(
    ({ outcome }) => ended({ outcome }),
    (error) => ended({ error }),
  )
  return () => end
}
