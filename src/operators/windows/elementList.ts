/**
 * All elements of a window, in a table of their own with one entry per element: a new record adds
 * one entry to the snapshot, however many there are. A list is a row of that table, named by its
 * window.
 */
import type { Key } from '../../record.ts'
import { text } from '../../serde/text.ts'
import { sequence } from '../../state/sequence.ts'
import type { OperatorStore } from '../../state/store.ts'
import type { TableSpec } from '../../state/table.ts'
import type { Contents } from './contents.ts'
import type { WindowInfo } from './windowAggregator.ts'

export type List = string

/**
 * @param f receives the elements in order of arrival
 * @param side part of the names of its tables, if there are several lists
 */
export function elementList<T, K extends Key, R>(
  f: (elements: readonly T[], about: WindowInfo<K>) => R,
  spec: TableSpec<T>,
  store: OperatorStore,
  side = '',
): Contents<T, K, List, R> {
  const elements = store.maps<List, number, T>(`${side}elements`, { ...spec, ownerOf: keyOfList })
  /** The names of elements in their lists: so lists that are merged know the order of theirs. */
  const nextArrival = sequence(store, `${side}arrivals`)

  return {
    add(known, { key, value }, name) {
      const list = known ?? listName(key, name)
      elements.set(list, nextArrival(), value)
      return list
    },
    merge(earlier, later) {
      const [from, into] = elements.count(earlier) > elements.count(later) ? [later, earlier] : [earlier, later]
      for (const arrival of elements.subs(from)) elements.set(into, arrival, elements.get(from, arrival) as T)
      elements.clear(from)
      return into
    },
    result(list, about) {
      const ordered = [...elements.subs(list)].sort((a, b) => a - b)
      return f(
        ordered.map((arrival) => elements.get(list, arrival) as T),
        about,
      )
    },
    drop: (list) => elements.clear(list),
    spec: { serde: text },
  }
}

/** Unique name of a window of a key: the digits end where the kind of the key begins. */
function listName(key: Key, name: number): List {
  return `${name}${typeof key} ${key}`
}

/** Key in the name of a list. Throws TypeError for another name. */
function keyOfList(list: Key): Key {
  const [, kind, text] = /^-?[\d.]+(?:e[+-]?\d+)?(string|number|bigint|boolean) (.*)$/s.exec(String(list)) ?? []
  if (kind === undefined || text === undefined) throw new TypeError('the name of the list has no key')
  if (kind === 'string') return text
  if (kind === 'number') return Number(text)
  return kind === 'bigint' ? BigInt(text) : text === 'true'
}
