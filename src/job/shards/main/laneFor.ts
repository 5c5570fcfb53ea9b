import { hangsAfter } from '../pulse.ts'

/** Thread of a member, with its shards. */
interface Lane {
  readonly shards: { readonly size: number }
}

/**
 * The thread for another shard: the one with the fewest, and one that hangs only where all do,
 * since nothing begins there. The shards of a hanging thread are moved, so it has the fewest soon.
 *
 * @param silence time since the last sign of life of a thread, ms
 */
export function laneFor<L extends Lane>(lanes: Iterable<L>, silence: (lane: L) => number): L | undefined {
  const rank = (lane: L): number => (silence(lane) > hangsAfter ? 1 : 0)
  const [best] = [...lanes].sort((a, b) => rank(a) - rank(b) || a.shards.size - b.shards.size)
  return best
}
