/**
 * Timed values, many per key: each is an entry of its own in a table, under its whole ms and its
 * index within that ms.
 *
 *   add a at 3, b at 5, c at 5      3/0: a   5/0: b   5/1: c
 *   remove 5                        3/0: a
 */
import type { Key } from '../record.ts'
import { type Stamped, type StateOptions, timedSpec } from './stateOptions.ts'
import type { OperatorStore } from './store.ts'

export interface TimedElements<K extends Key, V> {
  /** @param at ms */
  add(key: K, at: number, value: V): void
  /**
   * Elements from `from` to `to`, inclusive, by time; elements of one time in order of addition.
   */
  between(key: K, from: number, to: number): readonly Stamped<V>[]
  /** Removes the elements of the ms that ends at `ms`, a whole number. */
  remove(key: K, ms: number): void
}

/** @param options without `ttl`: elements stay until they are removed */
export function timedElements<K extends Key, V>(
  store: OperatorStore,
  name: string,
  options: Omit<StateOptions<V>, 'ttl'>,
): TimedElements<K, V> {
  const table = store.maps<K, string, Stamped<V>>(name, timedSpec(options))

  /** First free index: indexes are used from 0 on, without gaps. */
  function free(key: K, ms: number): number {
    const taken = (place: number): boolean => table.has(key, `${ms}/${place}`)
    let step = 1
    let first = 0
    for (; taken(first + step - 1); step *= 2) first += step
    for (; step >= 1; step /= 2) if (taken(first + step - 1)) first += step
    return first
  }

  return {
    add(key, at, value) {
      const ms = wholeMs(at)
      table.set(key, `${ms}/${free(key, ms)}`, { at, value })
    },
    between(key, from, to) {
      const found: { readonly sub: string; readonly one: Stamped<V> }[] = []
      for (const sub of table.subs(key)) {
        const one = table.get(key, sub)
        if (one !== undefined && one.at >= from && one.at <= to) found.push({ sub, one })
      }
      found.sort((a, b) => a.one.at - b.one.at || placeOf(a.sub) - placeOf(b.sub))
      return found.map(({ one }) => one)
    },
    remove(key, ms) {
      for (let place = free(key, ms) - 1; place >= 0; place--) table.delete(key, `${ms}/${place}`)
    },
  }
}

/** The ms that contains `at`, named by its end. */
export function wholeMs(at: number): number {
  return Math.ceil(at)
}

function placeOf(sub: string): number {
  return Number(sub.slice(sub.indexOf('/') + 1))
}
