/**
 * Numbers the arrivals of an operator, over restarts, in one entry of its state. Elements named by
 * these numbers keep their order, in whichever list they are and whatever has been removed.
 */
import { plainSpec } from './stateOptions.ts'
import type { OperatorStore } from './store.ts'

/**
 * Returns a function that gives the next number, from 1.
 *
 * @param name name of its table
 */
export function sequence(store: OperatorStore, name: string): () => number {
  const count = store.values<true, number>(name, plainSpec({}))
  return () => {
    const arrival = (count.get(true) ?? 0) + 1
    count.set(true, arrival)
    return arrival
  }
}
