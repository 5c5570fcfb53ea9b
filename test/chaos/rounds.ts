/** What happens when: all faults in random order, again and again, some at a time to one job. */
import type { Fault } from '../faults/fault.ts'
import { shuffled } from '../faults/seededRandom.ts'

export interface Round {
  /** Of transactions; see Arena. */
  readonly protocol: 1 | 2
  readonly faults: readonly Fault[]
}

/** Every fault comes once before any comes again, but for those that keep company to the ones of the old protocol. */
export function* rounds(random: () => number, faults: readonly Fault[], size: number): Generator<Round> {
  const [old, current] = [faults.filter(isOld), faults.filter((fault) => !isOld(fault))]
  for (;;) {
    const order = shuffled(random, current)
    const company = shuffled(random, current).slice(0, Math.max(0, size - old.length))
    for (let from = 0; from < order.length; from += size) yield { protocol: 2, faults: order.slice(from, from + size) }
    if (old.length > 0) yield { protocol: 1, faults: shuffled(random, [...old, ...company]) }
  }
}

function isOld({ protocol }: Fault): boolean {
  return protocol === 1
}
