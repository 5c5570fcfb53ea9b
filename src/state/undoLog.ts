/**
 * Undoes the changes of one record: if a job continues without a record on which an operator threw,
 * nothing of that record may remain.
 *
 *   begin   set a 1 -> 2   delete b   undo:  b is back, a is 1 again
 *   begin   set a 1 -> 2   end               a is 2
 *
 * Values are remembered by reference, not copied: a change in place stays.
 */
import type { Key } from '../record.ts'
import type { MapTable } from './mapTable.ts'
import type { OperatorStore } from './store.ts'
import type { Timers } from './timers.ts'
import type { ValueTable } from './valueTable.ts'

export interface UndoLog {
  /** Starts noting changes. */
  begin(): void
  /** Keeps the changes. */
  end(): void
  /** Takes the changes back, latest first. */
  undo(): void
  /** Notes how to take a change back, between `begin` and `end`. */
  note(undo: () => void): void
}

export function undoLog(): UndoLog {
  const undos: (() => void)[] = []
  let noting = false

  const end = (): void => {
    noting = false
    undos.length = 0
  }

  return {
    begin() {
      noting = true
    },
    end,
    undo() {
      for (const undo of undos.reverse()) undo()
      end()
    },
    note(undo) {
      if (noting) undos.push(undo)
    },
  }
}

/** A view of the store whose tables note changes. */
export function undoable(store: OperatorStore, log: UndoLog): OperatorStore {
  return {
    values: (name, spec) => undoableValues(store.values(name, spec), log),
    maps: (name, spec) => undoableMaps(store.maps(name, spec), log),
    onLoaded: store.onLoaded,
    snapshot: store.snapshot,
  }
}

function undoableValues<K extends Key, V>(table: ValueTable<K, V>, log: UndoLog): ValueTable<K, V> {
  const remember = (key: K): void => {
    const before = table.get(key)
    log.note(() => (before === undefined ? table.delete(key) : table.set(key, before)))
  }
  return {
    get size() {
      return table.size
    },
    get: table.get,
    keys: table.keys,
    set(key, value) {
      remember(key)
      table.set(key, value)
    },
    delete(key) {
      remember(key)
      table.delete(key)
    },
  }
}

function undoableMaps<K extends Key, S extends Key, V>(table: MapTable<K, S, V>, log: UndoLog): MapTable<K, S, V> {
  const remember = (key: K, sub: S): void => {
    const before = table.get(key, sub)
    log.note(() => (before === undefined ? table.delete(key, sub) : table.set(key, sub, before)))
  }
  return {
    get size() {
      return table.size
    },
    get: table.get,
    has: table.has,
    count: table.count,
    subs: table.subs,
    keys: table.keys,
    set(key, sub, value) {
      remember(key, sub)
      table.set(key, sub, value)
    },
    delete(key, sub) {
      remember(key, sub)
      table.delete(key, sub)
    },
    clear(key) {
      for (const sub of table.subs(key)) remember(key, sub)
      table.clear(key)
    },
  }
}

/**
 * Undoes timers through `set` and `delete`, not through their entries: timers know more than their
 * table.
 */
export function undoableTimers<K extends Key>(timers: Timers<K>, log: UndoLog): Timers<K> {
  return {
    get next() {
      return timers.next
    },
    has: timers.has,
    fire: timers.fire,
    set(time, key) {
      if (!timers.has(time, key)) log.note(() => timers.delete(time, key))
      timers.set(time, key)
    },
    delete(time, key) {
      if (timers.has(time, key)) log.note(() => timers.set(time, key))
      timers.delete(time, key)
    },
  }
}
