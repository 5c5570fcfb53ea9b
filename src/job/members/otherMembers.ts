/**
 * What a member knows of the others. Whoever has just started hears first what was said before: it
 * may be the last word of a dead process, and counts for nothing here.
 */
import type { Membership } from '../../contracts/members.ts'
import type { Plan } from '../../contracts/plan.ts'

/** Silence after which a member counts as gone that no round of the group has named yet, ms. */
const silent = 10_000

type Known = Pick<Membership, 'alive' | 'records'>

export interface OtherMembers {
  /** Whether there is somebody to hand a shard over to. */
  hasHeirs(known: Known): boolean
  /** Whether another member says that the whole job is to stop. */
  stop(known: Known): boolean
  /** Whether all others say that they stop. */
  allStop(known: Known, plan: Plan | null, now: number): boolean
}

export function otherMembers(me: string): OtherMembers {
  const state = ({ records }: Known, member: string) => records.get(member)?.state
  return {
    hasHeirs: (known) => (known.alive ?? []).some(({ member }) => member !== me && state(known, member) !== 'leaving'),
    stop: ({ records }) =>
      [...records.values()].some(({ member, state, live }) => live && state === 'stopping' && member !== me),
    allStop(known, plan, now) {
      const { alive, records } = known
      // A member that was in no round yet knows the others by the plan, and by what they say.
      const named = alive?.map(({ member }) => member) ?? Object.keys(plan?.members ?? {})
      const speak = [...records.values()].filter(({ live, heard }) => live && now - heard < silent)
      const others = new Set([...named, ...speak.map(({ member }) => member)])
      others.delete(me)
      return [...others].every((member) => state(known, member) === 'stopping')
    },
  }
}
