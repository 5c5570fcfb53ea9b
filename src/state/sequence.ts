/**
 * Numbers the inputs of an operator, across restarts, in one entry of its state. Elements named by
 * their numbers keep their order, whatever lists they are in and whatever has been removed.
 */
import { plainSpec } from './stateOptions.ts'
import type { OperatorStore } from './store.ts'

/**
 * Each call returns the next number, from 1.
 *
 * @param name table name
 */
export function sequence(store: OperatorStore, name: string): () => number {
  const count = store.values<true, number>(name, { ...plainSpec<number>({}), ownerOf: () => null, join: Math.max })
  return () => {
    const arrival = (count.get(true) ?? 0) + 1
    count.set(true, arrival)
    return arrival
  }
}
