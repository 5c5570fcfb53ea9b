import type { Resource } from '../attempt.ts'
import { states } from './states.ts'
import type { StateTables } from './store.ts'

/**
 * Store of keyed state while a job runs; snapshots outlive it. Made by `memoryState` or
 * `lmdbState`.
 */
export type StateBackend = Resource<StateTables>

/** Keeps keyed state in memory: the fastest store, for state that fits. The default. */
export function memoryState(): StateBackend {
  return { open: async ({ allowDroppedState }) => states(allowDroppedState) }
}
