/** How likely the network is to fail a request; the director turns it up and down. */
import type { Random } from '../core/random.ts'
import type { Fate } from './wire.ts'

export interface FaultRates {
  loseRequest: number
  loseAnswer: number
  late: number
  silent: number
  replayed: number
  /** A request takes up to a second. */
  slow: number
}

export const noFaults: FaultRates = { loseRequest: 0, loseAnswer: 0, late: 0, silent: 0, replayed: 0, slow: 0 }

/** What is going to happen to the next request of one kind (by api key), besides what the rates bring about. */
export type Aimed = Map<number, Fate>

export function fate(rates: FaultRates, aimed: Aimed, api: number, random: Random): Fate {
  const planned = aimed.get(api)
  if (planned !== undefined) {
    aimed.delete(api)
    return planned
  }
  let chance = random.next()
  if (chance < rates.loseRequest) return 'lose request'
  chance -= rates.loseRequest
  if (chance < rates.loseAnswer) return 'lose answer'
  chance -= rates.loseAnswer
  if (chance < rates.late) return 'late'
  chance -= rates.late
  if (chance < rates.silent) return 'silent'
  return chance - rates.silent < rates.replayed ? 'replayed' : 'fine'
}

/** ms to get there. */
export function latency(rates: FaultRates, random: Random): number {
  return random.chance(rates.slow) ? random.between(20, 1_000) : random.between(1, 4)
}
