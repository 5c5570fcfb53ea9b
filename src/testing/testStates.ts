/**
 * Keyed state in tests: taken from the barriers that leave a pipeline, and handed to the next one.
 */
import type { AttemptContext } from '../attempt.ts'
import type { EntryBlock, OperatorState } from '../element.ts'
import type { CheckpointId, Json, OperatorId } from '../record.ts'
import { states } from '../state/states.ts'
import type { StateTables } from '../state/store.ts'

/** Content of a checkpoint of a pipeline, for `restoreFrom` of another run. */
export interface TestSnapshot {
  /** Number of the checkpoint. */
  readonly checkpoint: CheckpointId
  /** State by operator id. */
  readonly states: ReadonlyMap<OperatorId, Json>
  /** Keyed state by operator id, encoded. */
  readonly entries: ReadonlyMap<OperatorId, readonly EntryBlock[]>
}

/** State tables in memory that are filled as they are opened. */
export function testStates(from?: TestSnapshot, allowDropped?: AttemptContext['allowDroppedState']): StateTables {
  const backend = states(allowDropped)
  return {
    ...backend,
    get operators() {
      return backend.operators
    },
    open(operator, keySlots) {
      const store = backend.open(operator, keySlots)
      const blocks = from?.entries.get(operator) ?? []
      const filled = <T>(full: string, table: T): T => {
        for (const block of blocks) if (block.table.replace(/^timed /, '') === full) backend.load(operator, block)
        return table
      }
      return {
        values: (name, spec) => filled(`value:${name}`, store.values(name, spec)),
        maps: (name, spec) => filled(`map:${name}`, store.maps(name, spec)),
        onLoaded: (listener) => listener(),
        snapshot: store.snapshot,
      }
    },
  }
}

export interface SnapshotCollector {
  /** Adds the states of one barrier; states that arrive by several branches count once. */
  add(checkpoint: CheckpointId, states: readonly OperatorState[]): void
  /** Returns the snapshot, or undefined if no such barrier has come. */
  at(checkpoint: CheckpointId): TestSnapshot | undefined
}

/**
 * Collects snapshots.
 *
 * @param from restored snapshot, with what has not changed since
 */
export function snapshotCollector(from?: TestSnapshot): SnapshotCollector {
  const seen = new Map<CheckpointId, Map<OperatorId, OperatorState>>()
  const written = new Map<OperatorId, { readonly checkpoint: CheckpointId; readonly blocks: readonly EntryBlock[] }[]>()
  // Older than any barrier that may come, whatever its number: a picture may begin to count anew.
  for (const [operator, blocks] of from?.entries ?? []) written.set(operator, [{ checkpoint: 0, blocks }])

  const entriesOf = ({ operator, entries }: OperatorState, until: CheckpointId): readonly EntryBlock[] =>
    (written.get(operator) ?? []).flatMap(({ checkpoint, blocks }) =>
      checkpoint <= until && checkpoint >= (entries?.since ?? 0) ? blocks : [],
    )

  return {
    add(checkpoint, states) {
      const known = seen.get(checkpoint) ?? new Map<OperatorId, OperatorState>()
      seen.set(checkpoint, known)
      for (const state of states) {
        if (known.has(state.operator)) continue
        known.set(state.operator, state)
        const blocks = [...(state.entries?.blocks() ?? [])]
        written.set(state.operator, [...(written.get(state.operator) ?? []), { checkpoint, blocks }])
      }
    },
    at(checkpoint) {
      const known = seen.get(checkpoint)
      if (known === undefined) return undefined
      return {
        checkpoint,
        states: new Map([...known].map(([operator, { state }]) => [operator, state])),
        entries: new Map([...known].map(([operator, state]) => [operator, entriesOf(state, checkpoint)])),
      }
    },
  }
}
