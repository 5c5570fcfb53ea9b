/**
 * Keyed state of a job: operators open it at the Restore, and the runner fills it before the first
 * record.
 *
 *     Restore        each operator opens its store and its tables
 *     load           the runner streams the last snapshot into them
 *     records        operators read and change entries
 *     barrier        each operator adds its `snapshot`; entries are written while records flow
 */
import type { Resource } from '../attempt.ts'
import type { EntryBlock, OperatorState } from '../element.ts'
import { FatalError } from '../errors.ts'
import type { CheckpointId, Json, Key, OperatorId } from '../record.ts'
import type { MapTable } from './mapTable.ts'
import type { TableSpec } from './table.ts'
import type { ValueTable } from './valueTable.ts'

export interface OperatorStore {
  /** Names are unique within the operator and stable across restarts. Only at the Restore. */
  values<K extends Key, V>(name: string, spec: TableSpec<V>): ValueTable<K, V>
  maps<K extends Key, S extends Key, V>(name: string, spec: TableSpec<V>): MapTable<K, S, V>
  /** Called once, when what the tables hold is there: before the first record. */
  onLoaded(listener: () => void): void
  /**
   * What goes along with the barrier: `state`, which comes back in `Restore.states`, and the
   * entries of all tables.
   */
  snapshot(checkpoint: CheckpointId, state: Json): OperatorState
}

export interface StateTables {
  /** Throws Fatal DUPLICATE_ID on the second call for an id. */
  open(operator: OperatorId): OperatorStore
  /**
   * Whether the operator is open. Throws Fatal STATE_UNCLAIMED where it is not, and its state may
   * not be dropped.
   */
  claims(operator: OperatorId): boolean
  /**
   * A piece of a snapshot, in the order in which they were written. Throws Fatal STATE_UNCLAIMED
   * where the operator has no such table, STATE_TOO_NEW and MIGRATION_MISSING, and Corrupted
   * STATE_NOT_DECODABLE where a value is not what its serde takes.
   */
  load(operator: OperatorId, block: EntryBlock): void
  /**
   * All of checkpoint `checkpoint` is loaded.
   * @param since what `StateEntries.since` was, by operator; those that are not in there are new
   */
  loaded(checkpoint: CheckpointId, since: ReadonlyMap<OperatorId, CheckpointId>): void
  /** The operators that are open. */
  readonly operators: Iterable<OperatorId>
  close(): Promise<void>
}

/** Resource under which `Services.opened` has the StateTables of the attempt. */
export const keyedState: Resource<StateTables> = {
  open: () => Promise.reject(new FatalError('NOT_OPENED', 'the attempt has no state backend')),
}
