/**
 * Keeps fast splits from running away from slow ones: a split that is further ahead of the last one
 * in its group than its source allows is held, that is, not read.
 *
 *     slow   --1---------3--------7----     maxDrift 3
 *     fast   --2--5--8            9         8 > 1 + 3: held until the slow split is at 7
 *
 * The last split is never held, so the group moves as long as its last split has anything to read.
 * After Flink's watermark alignment (FLIP-182, and FLIP-217 for splits); here there is no
 * coordinator to wait for.
 */
/** Splits of one source. */
export interface AlignedSplits {
  /** The lowest watermark of those that count; Infinity: none does. */
  lowest(): number
  /** Holds what is too far ahead of the lowest of the whole group. */
  align(lowest: number): void
}

export interface AlignmentGroup {
  join(member: AlignedSplits): void
  leave(member: AlignedSplits): void
  /** Called when splits of the member have moved. */
  moved(member: AlignedSplits): void
}

/** Returns the group of a name; groups belong to one attempt. */
export type Alignment = (name: string) => AlignmentGroup

export function alignment(): Alignment {
  const groups = new Map<string, AlignmentGroup>()
  return (name) => {
    const group = groups.get(name) ?? alignmentGroup()
    groups.set(name, group)
    return group
  }
}

function alignmentGroup(): AlignmentGroup {
  const members = new Set<AlignedSplits>()
  let lowest = Infinity

  /** Tells everybody where the lowest is another one, else only who has moved. */
  function update(moved: readonly AlignedSplits[]): void {
    const before = lowest
    lowest = Math.min(...[...members].map((member) => member.lowest()))
    for (const member of lowest === before ? moved : members) member.align(lowest)
  }

  return {
    join(member) {
      members.add(member)
      update([member])
    },
    leave(member) {
      members.delete(member)
      update([])
    },
    moved(member) {
      if (members.has(member)) update([member])
    },
  }
}
