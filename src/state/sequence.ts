/**
 * Numbers what comes to an operator, over restarts, in one entry of its state. Elements that are
 * named by it keep their order, whichever lists they are in and whatever has gone meanwhile.
 */
import { plainSpec } from './stateOptions.ts'
import type { OperatorStore } from './store.ts'

/**
 * Each call gives the next number, from 1.
 * @param name of its table
 */
export function sequence(store: OperatorStore, name: string): () => number {
  const count = store.values<true, number>(name, plainSpec({}))
  return () => {
    const arrival = (count.get(true) ?? 0) + 1
    count.set(true, arrival)
    return arrival
  }
}
