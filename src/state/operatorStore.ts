/** The store of one operator: its tables, filled from a snapshot, and frozen for the next one. */
import type { CheckpointId, EntryBlock, Json, Key, OperatorId, OperatorState } from '../element.ts'
import { CorruptedError, FatalError, type RxweftError, toRxweftError } from '../errors.ts'
import { readEntries } from './entries.ts'
import { mapTable } from './mapTable.ts'
import { type RoundedTable, type RushedEntries, snapshotEntries } from './snapshotEntries.ts'
import type { OperatorStore } from './store.ts'
import type { Backing, SnapshotTable, TableSpec } from './table.ts'
import { valueTable } from './valueTable.ts'

export interface LoadableStore extends OperatorStore {
  load(block: EntryBlock): void
  /** @param since the oldest checkpoint that the tables were filled from, or the next one */
  loaded(since: CheckpointId): void
}

/** Where entries are kept beside memory, and how many keys of each table stay there. */
export interface Disk {
  backing(operator: OperatorId, table: string): Backing
  readonly cached: number
  /** Writes what the backings were given to save. */
  flush(): void
}

/** @param mayDrop whether tables that a snapshot has and the operator has not are left out */
export function operatorStore(operator: OperatorId, mayDrop: boolean, disk: Disk | null): LoadableStore {
  const tables = new Map<string, RoundedTable>()
  const listeners: (() => void)[] = []
  let unfinished: RushedEntries | null = null

  function add<T extends SnapshotTable>(name: string, make: (backing: Backing | null) => T): T {
    if (tables.has(name)) throw twice(operator, name)
    const table = make(disk?.backing(operator, name) ?? null)
    tables.set(name, { table, since: 1, begun: null })
    return table
  }

  const flush = (): void => disk?.flush()
  const finish = (): void => {
    unfinished = null
  }

  return {
    values<K extends Key, V>(name: string, spec: TableSpec<V>) {
      const full = `value:${name}`
      return add(full, (backing) => valueTable<K, V>(full, { ...spec, operator }, backing, disk?.cached))
    },
    maps<K extends Key, S extends Key, V>(name: string, spec: TableSpec<V>) {
      const full = `map:${name}`
      return add(full, (backing) => mapTable<K, S, V>(full, { ...spec, operator }, backing, disk?.cached))
    },
    onLoaded: (listener) => void listeners.push(listener),
    load({ table: name, version, bytes }) {
      const rounded = tables.get(name)
      if (rounded === undefined && mayDrop) return
      if (rounded === undefined) throw tableUnclaimed(operator, name)
      const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      try {
        readEntries(block, (key, sub, value) => rounded.table.load(key, sub, value, version))
      } catch (thrown) {
        throw undecodable(operator, name, thrown)
      }
      flush()
    },
    loaded(since) {
      for (const rounded of tables.values()) rounded.since = since
      for (const listener of listeners.splice(0)) listener()
    },
    snapshot(checkpoint: CheckpointId, state: Json): OperatorState {
      // Where two checkpoints are under way, the first is written out before the next may freeze.
      unfinished?.rush()
      const entries = snapshotEntries(checkpoint, [...tables.values()], flush, finish)
      unfinished = entries
      return { operator, state, entries }
    },
  }
}

function twice(operator: OperatorId, table: string): FatalError {
  return new FatalError('DUPLICATE_STATE', `the operator has two states with the name "${table}"`, {
    where: { operator },
  })
}

function tableUnclaimed(operator: OperatorId, table: string): FatalError {
  const [kind, name] = table.split(':')
  return new FatalError('STATE_UNCLAIMED', `the snapshot has a ${kind} "${name}" that the operator does not have`, {
    where: { operator },
    hint: `Put it back, or accept its loss: defineJob(..., { allowDroppedState: ['${operator}'] })`,
  })
}

function undecodable(operator: OperatorId, table: string, thrown: unknown): RxweftError {
  return toRxweftError(thrown, (cause) => {
    return new CorruptedError('STATE_UNDECODABLE', `${table.replace(':', ' ')} does not decode: ${cause.message}`, {
      where: { operator },
      hint: 'Set the serde that wrote it, or raise `version` and say in `migrate` what the old values become; nothing was changed',
      cause,
    })
  })
}
