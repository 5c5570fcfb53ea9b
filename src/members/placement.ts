/**
 * Decides which member runs each shard: a pure function of what is known, so that any member would
 * decide the same.
 *
 *   sticky     a shard stays unless its owner is dead, leaves, or has too many
 *   balanced   in the end no move of one shard would lower the load of the busiest member
 *   limited    at most `moves` shards at a time are on their way to one member; those of dead
 *              members are not counted, since nobody runs them
 *   well         a member in which a thread hangs gets shards only where all do
 *
 * Load is the number of shards for each thread. Zones and rates do not count.
 */

export interface PlacementMember {
  readonly member: string
  readonly threads: number
  /** False if the member leaves: it gets no shards, and gives its own away. */
  readonly stays: boolean
  /** True if a thread hangs in it, which may be where the next shard goes, too. */
  readonly hangs?: boolean
}

export interface Placement {
  /** Shard -> member; null: nobody has it. */
  readonly owners: readonly (string | null)[]
  /** Shards that nobody is to get: their slots are on the move. */
  readonly closed: ReadonlySet<number>
  readonly members: readonly PlacementMember[]
  /** Shards that their owners do not run yet. */
  readonly underWay: ReadonlySet<number>
  /** Shards that stay with a living owner, whatever its load: they have ended there. */
  readonly ended: ReadonlySet<number>
  /** Shards that make no progress where they are. */
  readonly stuck: ReadonlySet<number>
  /** How many shards may be on their way to one member. */
  readonly moves: number
}

/** Returns the new owners; the same ones if nothing is to change. */
export function place({
  owners: before,
  closed,
  members,
  underWay,
  ended,
  stuck,
  moves,
}: Placement): readonly (string | null)[] {
  const owners = [...before]
  const staying = members.filter(({ stays }) => stays)
  const well = staying.filter(({ hangs }) => !hangs)
  const fit = well.length > 0 ? well : staying
  const known = new Map(members.map((one) => [one.member, one]))
  const counts = new Map(members.map(({ member }) => [member, 0]))
  const coming = new Map(members.map(({ member }) => [member, 0]))
  for (const [shard, owner] of owners.entries()) {
    if (owner === null) continue
    counts.set(owner, (counts.get(owner) ?? 0) + 1)
    if (underWay.has(shard)) coming.set(owner, (coming.get(owner) ?? 0) + 1)
  }

  const load = ({ member, threads }: PlacementMember, more = 0): number => ((counts.get(member) ?? 0) + more) / threads
  const hasRoom = ({ member }: PlacementMember): boolean => (coming.get(member) ?? 0) < moves

  /** The member whose load would be the lowest with one more shard; the first of equal ones. */
  function receiver(candidates: readonly PlacementMember[]): PlacementMember | undefined {
    return candidates.reduce<PlacementMember | undefined>(
      (best, one) => (best === undefined || load(one, 1) < load(best, 1) ? one : best),
      undefined,
    )
  }

  function give(shard: number, to: PlacementMember): void {
    const from = owners[shard] ?? null
    if (from !== null) counts.set(from, (counts.get(from) ?? 0) - 1)
    counts.set(to.member, (counts.get(to.member) ?? 0) + 1)
    coming.set(to.member, (coming.get(to.member) ?? 0) + 1)
    owners[shard] = to.member
  }

  /** Shards that may leave this member: those that it runs. */
  function movable(member: string): number[] {
    const runs = (owner: string | null, shard: number): boolean => owner === member && owner === before[shard]
    return owners.flatMap((owner, shard) =>
      runs(owner, shard) && !underWay.has(shard) && !ended.has(shard) ? [shard] : [],
    )
  }

  function saveOrphans(): void {
    for (const [shard, owner] of before.entries()) {
      const to = receiver(fit)
      if (!closed.has(shard) && (owner === null || !known.has(owner)) && to !== undefined) give(shard, to)
    }
  }

  function moveStuck(): void {
    for (const shard of stuck) {
      // An orphan has been given away just now.
      if (owners[shard] !== before[shard]) continue
      const others = (some: readonly PlacementMember[]) => some.filter(({ member }) => member !== owners[shard])
      const to = receiver(others(fit)) ?? receiver(others(staying))
      if (typeof owners[shard] === 'string' && !ended.has(shard) && to !== undefined) give(shard, to)
    }
  }

  function relieveLeaving(): void {
    for (const { member, stays } of members) {
      if (stays) continue
      // Those on their way to it as well: it may be gone before they arrive.
      const its = owners.flatMap((owner, shard) => (owner === member && !ended.has(shard) ? [shard] : []))
      for (const shard of its) {
        const to = receiver(fit.filter(hasRoom))
        if (to !== undefined) give(shard, to)
      }
    }
  }

  function balance(): void {
    for (;;) {
      const to = receiver(fit.filter(hasRoom))
      if (to === undefined) return
      const busier = staying.filter((one) => load(one) > load(to, 1) && movable(one.member).length > 0)
      const from = busier.reduce<PlacementMember | undefined>(
        (most, one) => (most === undefined || load(one) > load(most) ? one : most),
        undefined,
      )
      const shard = from === undefined ? undefined : movable(from.member).at(-1)
      if (shard === undefined) return
      give(shard, to)
    }
  }

  saveOrphans()
  moveStuck()
  relieveLeaving()
  balance()
  return owners
}
