import type { Probe } from '../attempt.ts'
import type { CheckpointSettings } from '../checkpoint/settings.ts'
import type { GivenClock } from '../clock.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import type { StateKeeper } from '../state/memoryState.ts'
import type { RestartStrategy } from './restart.ts'

export interface ExecuteOptions {
  /** When checkpoints are taken; see CheckpointSettings for the defaults. */
  readonly checkpointing?: Partial<CheckpointSettings> | undefined
  /** Where snapshots are kept. */
  readonly storage: CheckpointStorage
  /** Where keyed state is while the job runs; default: memoryState(). */
  readonly state?: StateKeeper | undefined
  /** What to do after a Retriable failure; default: exponentialDelay(). Each shard has its own count. */
  readonly restart?: RestartStrategy | undefined
  /**
   * Spreads the partitions of the sources over so many worker threads, 1 to 256; default 1: none. Partition p belongs to shard p % shards, for ever:
   * the number cannot change once the job has started. Each thread runs this program again, see `execute`.
   */
  readonly shards?: number | undefined
  /** With shards: the program of a thread, which must come to the same `execute`; default: the main program, process.argv[1]. */
  readonly program?: string | URL | undefined
  /**
   * Begins anew, without the state and offsets of these lineages, as named by the error LINEAGE_MISMATCH; default: none. It acts once: the job then has a
   * lineage of its own, so the same option does nothing at the next start. What the abandoned lineage has written stays where it is.
   */
  readonly abandonLineage?: string | readonly string[] | undefined
  /** Aborting it cancels the job. */
  readonly signal?: AbortSignal | undefined
  /** For tests: who tells the time. A clock without `monotonic` is measured by its `now`, without the steps back. */
  readonly clock?: GivenClock | undefined
  /** For tests: sees every step of the checkpoint protocol as it is passed. */
  readonly probe?: Probe | undefined
}
