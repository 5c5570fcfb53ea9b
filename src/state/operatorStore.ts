/** State of one operator: its tables, filled from a snapshot and frozen for the next one. */
import type { EntryBlock, OperatorState } from '../element.ts'
import { FatalError } from '../errors.ts'
import type { CheckpointId, Json, Key, OperatorId } from '../record.ts'
import { encodedEntry, readEntries, walkEntries } from './entries.ts'
import type { SweptTable } from './freeze.ts'
import { mapTable } from './mapTable.ts'
import { type RushedEntries, snapshotEntries } from './snapshotEntries.ts'
import { type OwnedSpec, shown, undecodable } from './stateSerde.ts'
import type { OperatorStore, TableSize } from './store.ts'
import type { Backing, Contents, SnapshotTable, TableSpec } from './table.ts'
import { untimed } from './timed.ts'
import { valueTable } from './valueTable.ts'

export interface LoadableStore extends OperatorStore {
  load(block: EntryBlock): void
  /** @param since oldest checkpoint that the tables were filled from, or the next one */
  loaded(since: CheckpointId): void
  /** What the store that takes the place of this one begins with. */
  contents(): TableContents
  sizes(): readonly TableSize[]
}

/** By name of the table. */
export type TableContents = ReadonlyMap<string, Contents>

/** Storage beside memory, and the number of keys of each table kept in memory. */
export interface Disk {
  backing(operator: OperatorId, table: string): Backing
  readonly cached: number
  /** Writes what the backings have saved. */
  flush(): void
  /** Writes what the backings have restored, and lets other work run meanwhile. */
  restored(): Promise<void>
}

/**
 * @param mayDrop true if tables in a snapshot that the operator lacks are dropped
 * @param kept contents of a store that has only been loaded; it must not be used any more
 */
export function operatorStore(
  operator: OperatorId,
  mayDrop: boolean,
  disk: Disk | null,
  kept?: TableContents,
): LoadableStore {
  const tables: SweptTable[] = []
  /** By table name in a snapshot: the other form of a table has the same name. */
  const loaders = new Map<string, (block: Buffer, version: number) => void>()
  const listeners: (() => void)[] = []
  let unfinished: RushedEntries | null = null

  /** @param kind "value" or "map" */
  function add<T extends SnapshotTable, V>(
    kind: string,
    name: string,
    spec: TableSpec<V>,
    make: (name: string, spec: OwnedSpec<V>, backing: Backing | null, cached?: number, kept?: Contents) => T,
  ): T {
    const { form = untimed } = spec
    const full = `${forms(form.timed)}${kind}:${name}`
    if (loaders.has(full)) throw twice(operator, full)
    const table = make(
      full,
      { ...spec, operator },
      disk?.backing(operator, full) ?? null,
      disk?.cached,
      kept?.get(full),
    )
    tables.push({ table, since: 0, begun: null })
    loaders.set(full, (block, version) => loadInto(table, block, version))
    loaders.set(`${forms(!form.timed)}${kind}:${name}`, (block, version) =>
      readEntries(block, (key, sub, value) => {
        loadInto(table, encodedEntry(key, sub, value === undefined ? undefined : form.adopt(value)), version)
      }),
    )
    return table
  }

  const flush = (): void => disk?.flush()
  const finish = (): void => {
    unfinished = null
  }

  return {
    values: <K extends Key, V>(name: string, spec: TableSpec<V>) => add('value', name, spec, valueTable<K, V>),
    maps: <K extends Key, S extends Key, V>(name: string, spec: TableSpec<V>) =>
      add('map', name, spec, mapTable<K, S, V>),
    onLoaded: (listener) => void listeners.push(listener),
    load({ table: name, version, bytes }) {
      const load = loaders.get(name)
      if (load === undefined && mayDrop) return
      if (load === undefined) throw tableUnclaimed(operator, name)
      const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      try {
        load(block, version)
      } catch (thrown) {
        throw undecodable(operator, name, thrown)
      }
    },
    loaded(since) {
      for (const swept of tables) swept.since = since
      for (const listener of listeners.splice(0)) listener()
    },
    contents: () => new Map(tables.map(({ table }) => [table.name, table.contents()])),
    sizes: () =>
      tables.map(({ table: { name, size, out } }) => ({
        ...{ operator, table: name, entries: size, bytes: Math.round(size * out.mean) },
      })),
    snapshot(checkpoint: CheckpointId, state: Json): OperatorState {
      // With two checkpoints in progress, the first is written out before the next may freeze.
      unfinished?.rush()
      const entries = snapshotEntries(checkpoint, tables, flush, finish)
      unfinished = entries
      return { operator, state, entries }
    },
  }
}

function loadInto(table: SnapshotTable, block: Buffer, version: number): void {
  walkEntries(block, (key, keyEnd, sub, subEnd, value, end) =>
    table.load(block, version, key, keyEnd, sub, subEnd, value, end),
  )
}

const forms = (timed: boolean): string => (timed ? 'timed ' : '')

function twice(operator: OperatorId, table: string): FatalError {
  return new FatalError('DUPLICATE_STATE', `the operator declares ${shown(table)} twice`, {
    where: { operator },
  })
}

function tableUnclaimed(operator: OperatorId, table: string): FatalError {
  return new FatalError('STATE_UNCLAIMED', `the snapshot has ${shown(table)}, which the operator does not declare`, {
    where: { operator },
    hint: `Restore it. To lose it on purpose: defineJob(..., { allowDropped: { state: ['${operator}'] } })`,
  })
}
