import type { Probe } from '../attempt.ts'
import type { CheckpointSettings } from '../checkpoint/settings.ts'
import type { GivenClock } from '../clock.ts'
import type { Members } from '../contracts/members.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import type { StateBackend } from '../state/memoryState.ts'
import type { Reset } from './change/reset.ts'
import type { Logger } from './logging/logger.ts'
import type { RestartStrategy } from './restart.ts'
import type { SavepointStart } from './savepoints/savepointStart.ts'

/** Options of `execute`. */
export interface ExecuteOptions {
  /** When checkpoints are taken. Defaults: see CheckpointSettings. */
  readonly checkpointing?: Partial<CheckpointSettings> | undefined
  /** Store of the snapshots, such as `fileStorage(folder)`. */
  readonly storage: CheckpointStorage
  /** Store of keyed state while the job runs. Default `memoryState()`. */
  readonly state?: StateBackend | undefined
  /** Reaction to Retriable failures, counted per shard. Default `exponentialDelay()`. */
  readonly restart?: RestartStrategy | undefined
  /**
   * Number of shards over which the partitions of the sources are spread, 1 to 256; each has a
   * worker thread, unless `members` are given. The first start decides; see `rescale` for another
   * number. Default 1: no worker thread.
   */
  readonly shards?: number | undefined
  /**
   * 'at-start': if the job has another number of shards, moves partitions, with the state of their
   * keys, to as many as `shards` says, before any shard starts. Default: another number is refused
   * with SHARDS_CHANGED.
   */
  readonly rescale?: 'at-start' | undefined
  /**
   * Other processes that run the same job, made by `kafkaMembers` or `fixedMembers`: the shards are
   * spread over all of them. Needs a storage that all machines share. The first start of the job
   * decides on `shards`; another number in a later start is ignored. Default: this process is
   * alone.
   */
  readonly members?: Members | undefined
  /**
   * Number of worker threads over which this process spreads its shards, with `members`. Default:
   * the number of cores.
   */
  readonly threads?: number | undefined
  /**
   * Reaction, with `members`, to a shard that has failed for good: the others go on ('keep'), or
   * the job ends in all processes ('end'). Default 'keep'.
   */
  readonly onShardFailure?: 'keep' | 'end' | undefined
  /**
   * Program of a worker thread, if there are several shards; it must reach the same `execute`.
   * Default: the main program, process.argv[1].
   */
  readonly program?: string | URL | undefined
  /**
   * Lineages to abandon, with their state and offsets, as named by the error LINEAGE_MISMATCH. Acts
   * once: the job then has a new lineage, and the option has no effect at later starts. Output of
   * the abandoned lineage stays. Default: none.
   */
  readonly abandonLineage?: string | readonly string[] | undefined
  /**
   * Savepoint from which the job begins, with its positions and state, such as
   * `savepoint('before-v2')`. Acts once: later starts go on where the job was. A job that exists
   * goes back to it only with `abandonLineage` as well; what it has written since stays, and is
   * written again. Default: the job begins from nothing.
   */
  readonly from?: SavepointStart | undefined
  /**
   * Sets sources to other positions, once: the job remembers the name of the reset. State and event
   * time stay as they are. Event `source-reset` says which offsets are read again or skipped.
   * Default: none.
   */
  readonly reset?: Reset | undefined
  /** Cancels the job when aborted. Default: none. */
  readonly signal?: AbortSignal | undefined
  /**
   * Logger for the events of the job, such as `pino()`: with job, shard, checkpoint and the code
   * of an error, never with values of records. Default: nothing is logged.
   */
  readonly logger?: Logger | undefined
  /**
   * Clock for tests. A clock without `monotonic` is measured by `now`, ignoring steps back.
   * Default: the system clock.
   */
  readonly clock?: GivenClock | undefined
  /** Callback for tests that sees each step of the checkpoint protocol. Default: none. */
  readonly probe?: Probe | undefined
}
