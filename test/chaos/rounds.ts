/**
 * Schedule of the faults: all of them in random order, again and again, some at a time to one job.
 */
import { shuffled } from '../faults/seededRandom.ts'

/** What there is to know of a fault here. */
type Happening = { readonly name: string; readonly protocol?: 1 }

export interface Round<F extends Happening> {
  /** Of transactions; see Arena. */
  readonly protocol: 1 | 2
  readonly faults: readonly F[]
}

/** Every fault comes once before any comes again, but for those that keep company to the ones of the old protocol. */
export function* rounds<F extends Happening>(
  random: () => number,
  faults: readonly F[],
  size: number,
): Generator<Round<F>> {
  const [old, current] = [faults.filter(isOld), faults.filter((fault) => !isOld(fault))]
  for (;;) {
    const order = shuffled(random, current)
    const company = shuffled(random, current).slice(0, Math.max(0, size - old.length))
    for (let from = 0; from < order.length; from += size) yield { protocol: 2, faults: order.slice(from, from + size) }
    if (old.length > 0) yield { protocol: 1, faults: shuffled(random, [...old, ...company]) }
  }
}

function isOld({ protocol }: Happening): boolean {
  return protocol === 1
}
