/** Keyed state in memory: the fastest, for what fits. */
import type { Resource } from '../attempt.ts'
import { states } from './states.ts'
import type { StateTables } from './store.ts'

/** Where a job keeps the state of its operators while it runs; what survives it are the snapshots. */
export type StateBackend = Resource<StateTables>

export function memoryState(): StateBackend {
  return { open: async ({ allowDroppedState }) => states(allowDroppedState) }
}
