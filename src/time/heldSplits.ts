/**
 * Splits of one source that are held because they are too far ahead of the last one in their group.
 */
import type { Split } from '../record.ts'
import type { AlignedSplits, AlignmentGroup } from './alignment.ts'
import type { SplitWatermarks, TrackedSplit } from './splitWatermarks.ts'

export interface HeldSplits {
  /** Splits of this source have moved. */
  moved(): void
  /** Holds nobody up any more. */
  leave(): void
}

/**
 * @param hold called when the set of held splits has changed
 * @param released called for each split that may be read again
 */
export function heldSplits(
  maxDrift: number,
  group: AlignmentGroup,
  { splits, lowest, find, watermarkOf }: SplitWatermarks,
  hold: (held: (split: Split) => boolean) => void,
  released: (one: TrackedSplit) => void,
): HeldSplits {
  const isHeld = (split: Split): boolean => find(split)?.held ?? false

  const member: AlignedSplits = {
    lowest: () => lowest.lowest,
    align(last) {
      const others = splits.filter((one) => watermarkOf(one) > last + maxDrift !== one.held)
      for (const one of others) {
        one.held = !one.held
        if (!one.held) released(one)
      }
      if (others.length > 0) hold(isHeld)
    },
  }

  group.join(member)
  return { moved: () => group.moved(member), leave: () => group.leave(member) }
}
