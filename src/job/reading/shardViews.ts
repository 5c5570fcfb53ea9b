import type { CheckpointId, Key, OperatorId } from '../../record.ts'
import { findTable, type StateView, stateView } from '../../state/stateView.ts'
import type { LoadedShard } from './loadedShard.ts'

/** Keyed state of a job at one checkpoint of each shard: one consistent view over all operators. */
export interface CommittedState {
  /** Checkpoint of each shard. */
  readonly checkpoints: readonly CheckpointId[]
  /** Ids of the operators with keyed state. */
  readonly operators: readonly OperatorId[]
  /**
   * Returns the state of an operator.
   *
   * @param name name of the state, if the operator has several
   * @throws NO_SUCH_STATE if the job has none of that name
   */
  state<V>(operator: OperatorId, name?: string): StateView<V>
  /**
   * Emits the entries of an operator one after the other; for a map, one for each key within it.
   *
   * @param name name of the state, if the operator has several
   * @throws NO_SUCH_STATE if the job has none of that name
   */
  entries<V>(operator: OperatorId, name?: string): Iterable<StateEntry<V>>
}

/** Entry of keyed state. */
export interface StateEntry<V> {
  /** Key of the record. */
  readonly key: Key
  /** Key within the map; undefined for one value. */
  readonly sub: Key | undefined
  /** Copy made by the codec. */
  readonly value: V
}

/** Entries that belong to no key are in every shard: the first one that has a key counts. */
export function committedState(shards: readonly LoadedShard[]): CommittedState {
  const tables = shards.map((one) => one.tables)

  function state<V>(operator: OperatorId, name?: string): StateView<V> {
    const views = tables.map((all) => {
      const found = findTable(all, operator, name)
      return stateView<V>(() => found)
    })
    return {
      get: (key, sub) => first(views.map((view) => () => view.get(key, sub))),
      keys: () => [...new Set(views.flatMap((view) => view.keys()))],
      map: (key) => new Map(views.flatMap((view) => [...view.map(key)])),
    }
  }

  function* entries<V>(operator: OperatorId, name?: string): Generator<StateEntry<V>> {
    for (const all of tables) {
      const found = findTable(all, operator, name)
      const view = stateView<V>(() => found)
      for (const key of view.keys()) {
        if (found.kind === 'map') for (const [sub, value] of view.map(key)) yield { key, sub, value }
        else yield { key, sub: undefined, value: view.get(key) as V }
      }
    }
  }

  return {
    checkpoints: shards.map(({ entry }) => entry.checkpoint),
    operators: [...new Set(tables.flatMap((all) => all.map(({ operator }) => operator)))],
    state,
    entries(operator, name) {
      // Refused at once, and not at the first entry.
      for (const all of tables) findTable(all, operator, name)
      return entries(operator, name)
    },
  }
}

function first<V>(all: readonly (() => V | undefined)[]): V | undefined {
  for (const one of all) {
    const value = one()
    if (value !== undefined) return value
  }
  return undefined
}
