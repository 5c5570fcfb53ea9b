/** Tells what changes among the other members of a job. */
import type { Membership } from '../../contracts/members.ts'
import type { JobEvent } from '../events.ts'

export function memberChanges(
  me: string,
  tell: (event: JobEvent) => void,
): { look(membership: Pick<Membership, 'alive' | 'records'>): void } {
  const known = new Map<string, { readonly instance: string; leaving: boolean }>()
  return {
    look({ alive, records }) {
      if (alive === null) return
      const others = new Map(alive.filter(({ member }) => member !== me).map((one) => [one.member, one]))
      for (const [member, { instance }] of others) {
        if (!known.has(member)) tell({ type: 'member-joined', member, instance })
        const before = known.get(member) ?? { instance, leaving: false }
        known.set(member, before)
        if (before.leaving || records.get(member)?.state !== 'leaving') continue
        before.leaving = true
        tell({ type: 'member-leaving', member, instance })
      }
      for (const [member, { instance, leaving }] of known) {
        if (others.has(member)) continue
        known.delete(member)
        if (!leaving) tell({ type: 'member-lost', member, instance })
      }
    },
  }
}
