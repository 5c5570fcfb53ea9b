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
import type { FindKeySlots } from '../keySlots.ts'
import type { CheckpointId, Json, Key, OperatorId } from '../record.ts'
import type { MapTable } from './mapTable.ts'
import type { TableSpec } from './table.ts'
import type { ValueTable } from './valueTable.ts'

export interface OperatorStore {
  /**
   * Opens a table, at the Restore only. Names are unique within the operator and stable across
   * restarts.
   */
  values<K extends Key, V>(name: string, spec: TableSpec<V>): ValueTable<K, V>
  maps<K extends Key, S extends Key, V>(name: string, spec: TableSpec<V>): MapTable<K, S, V>
  /** Called once, when the tables are filled, before the first record. */
  onLoaded(listener: () => void): void
  /**
   * Part of the barrier: `state`, which returns in `Restore.states`, and the entries of all tables.
   */
  snapshot(checkpoint: CheckpointId, state: Json): OperatorState
}

/** Size of a table now. */
export interface TableSize {
  readonly operator: OperatorId
  readonly table: string
  readonly entries: number
  /** As snapshots encode it, estimated by the entries written last. */
  readonly bytes: number
}

export interface StateTables {
  /**
   * Throws Fatal DUPLICATE_ID on the second call for an id.
   *
   * @param keySlots slots of the keys of the operator's input; default: they have none
   */
  open(operator: OperatorId, keySlots?: FindKeySlots): OperatorStore
  /**
   * True if the operator is open. Throws Fatal STATE_UNCLAIMED if it is not and its state may not
   * be dropped.
   */
  claims(operator: OperatorId): boolean
  /**
   * Loads a block of a snapshot; blocks come in the order of writing. Throws Fatal STATE_UNCLAIMED
   * if the operator lacks the table, STATE_TOO_NEW and MIGRATION_MISSING, and Corrupted
   * STATE_NOT_DECODABLE if a serde refuses a value.
   */
  load(operator: OperatorId, block: EntryBlock): void
  /**
   * Called when all of the checkpoint is loaded.
   *
   * @param since `StateEntries.since` by operator; operators without an entry are new
   */
  loaded(checkpoint: CheckpointId, since: ReadonlyMap<OperatorId, CheckpointId>): Promise<void>
  /**
   * Ends the use of these tables, which have only been loaded, and makes others that begin with
   * what the operators in `keeping` have loaded. Default: they cannot be kept.
   */
  renewed?(keeping: ReadonlySet<OperatorId>): StateTables
  /** Open operators. */
  readonly operators: Iterable<OperatorId>
  /** Sizes of all tables, for metrics. Default: unknown. */
  sizes?(): Iterable<TableSize>
  close(): Promise<void>
}

/** Key under which `Services.opened` has the attempt's StateTables. */
export const keyedState: Resource<StateTables> = {
  open: () => Promise.reject(new FatalError('NOT_OPENED', 'the attempt has no state backend')),
}
