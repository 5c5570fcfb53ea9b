import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Placement, type PlacementMember, place } from '../../src/members/placement.ts'

const names = ['a', 'b', 'c', 'd', 'e']

/** Some members, and shards that belong to them or to somebody who is gone. */
const situations: fc.Arbitrary<Placement> = fc
  .record({
    members: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 5 }),
    threads: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 5, maxLength: 5 }),
    leaving: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    owners: fc.array(fc.option(fc.constantFrom(...names), { freq: 20 }), { minLength: 1, maxLength: 40 }),
    marks: fc.array(fc.constantFrom('running', 'coming', 'ended', 'stuck', 'closed'), { minLength: 40, maxLength: 40 }),
  })
  .map(({ members, threads, leaving, owners, marks }) => {
    const those = (mark: string) => new Set(owners.flatMap((_, shard) => (marks[shard] === mark ? [shard] : [])))
    const [underWay, ended, stuck] = [those('coming'), those('ended'), those('stuck')]
    const closed = new Set([...those('closed')].filter((shard) => owners[shard] === null))
    const stays = (at: number) => at === 0 || !leaving[at]
    return {
      owners,
      members: members.map((member, at) => ({ member, threads: threads[at] as number, stays: stays(at) })),
      ...{ closed, underWay, ended, stuck, moves: 2 },
    }
  })

const none: ReadonlySet<number> = new Set()
const quiet = { closed: none, underWay: new Set<number>(), ended: new Set<number>(), stuck: new Set<number>() }

/** Plans again and again, while what is under way arrives bit by bit; fails if that never ends. */
function settled(start: Placement, arrives: (shard: number) => boolean = () => true): Placement {
  let now = start
  for (let round = 0; round < 500; round++) {
    const owners = place(now)
    const moved = owners.flatMap((owner, shard) => (owner === now.owners[shard] ? [] : [shard]))
    if (moved.length === 0 && now.underWay.size === 0) return now
    const underWay = new Set([...now.underWay, ...moved].filter((shard) => !arrives(shard) && round < 400))
    now = { ...now, owners, underWay, stuck: new Set() }
  }
  throw new Error('never settles')
}

function loads({ owners, members }: Pick<Placement, 'owners' | 'members'>) {
  const count = (member: string): number => owners.filter((owner) => owner === member).length
  return members.map((one) => ({ ...one, count: count(one.member) }))
}

describe('placement, whatever the situation,', () => {
  it('leaves no shard with nobody, or with a member that is gone, but for those whose slots are on the move', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const living = situation.members.map(({ member }) => member)
        for (const [shard, owner] of place(situation).entries()) {
          if (situation.closed.has(shard)) expect(owner).toBeNull()
          else expect(living).toContain(owner)
        }
      }),
    )
  })

  it('converges, whenever what is under way arrives, to where no move would help', () => {
    fc.assert(
      fc.property(situations, fc.infiniteStream(fc.boolean()), (situation, coins) => {
        const end = settled(situation, () => coins.next().value as boolean)
        const all = loads(end)
        const isFree = ({ member }: PlacementMember): boolean =>
          end.owners.some((owner, shard) => owner === member && !end.ended.has(shard))
        for (const from of all.filter(isFree)) {
          expect(from.stays).toBe(true)
          for (const to of all.filter(({ stays }) => stays))
            expect(from.count / from.threads).toBeLessThanOrEqual((to.count + 1) / to.threads)
        }
      }),
    )
  })

  it('has counts within one of each other where threads are equal and nothing has ended', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const members = situation.members.map((one) => ({ ...one, threads: 2, stays: true }))
        const owned = situation.owners.map((owner) => owner ?? 'a')
        const counts = loads(settled({ ...situation, ...quiet, owners: owned, members })).map(({ count }) => count)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('moves a running shard only away from a leaving member, one where it is stuck, or one that has too many', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const after = place(situation)
        const before = loads(situation)
        for (const [shard, owner] of after.entries()) {
          const from = before.find(({ member }) => member === situation.owners[shard])
          if (owner === situation.owners[shard] || from === undefined) continue
          const spare = before.some(
            (to) => to.stays && to.member !== from.member && from.count / from.threads > (to.count + 1) / to.threads,
          )
          const gains = situation.owners.length > after.filter((one, at) => one === situation.owners[at]).length + 1
          expect(!from.stays || situation.stuck.has(shard) || spare || gains).toBe(true)
        }
      }),
    )
  })

  it('gives nothing to a member in which a thread hangs, as long as another one may have it', () => {
    fc.assert(
      fc.property(situations, fc.constantFrom(...names), (situation, hanging) => {
        const members = situation.members.map((one) => ({ ...one, hangs: one.member === hanging }))
        const well = members.filter(({ stays, hangs }) => stays && !hangs).map(({ member }) => member)
        for (const [shard, owner] of place({ ...situation, members }).entries()) {
          if (owner !== hanging || situation.owners[shard] === hanging) continue
          // What is stuck at the only one that is well goes anywhere else.
          expect(
            situation.stuck.has(shard) ? well.every((one) => one === situation.owners[shard]) : well.length === 0,
          ).toBe(true)
        }
      }),
    )
  })

  it('stays where it is once it has settled', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const end = settled(situation)
        expect(place(end)).toEqual(end.owners)
      }),
    )
  })

  it('sends at most two shards at a time from the living to one member', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const after = place({ ...situation, stuck: new Set() })
        const living = situation.members.map(({ member }) => member)
        for (const member of living) {
          const coming = after.filter((owner, shard) => {
            const before = situation.owners[shard]
            return owner === member && before !== member && living.includes(before as string)
          }).length
          const already = situation.owners.filter((owner, shard) => owner === member && situation.underWay.has(shard))
          expect(coming).toBeLessThanOrEqual(Math.max(0, 2 - already.length))
        }
      }),
    )
  })

  it('leaves what has ended with its owner, as long as the owner lives', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const living = situation.members.map(({ member }) => member)
        const after = place(situation)
        for (const shard of situation.ended) {
          if (living.includes(situation.owners[shard] as string)) expect(after[shard]).toBe(situation.owners[shard])
        }
      }),
    )
  })

  it('takes a stuck shard away from where it is, if there is anywhere else', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const fit = situation.members.filter(({ stays }) => stays)
        const after = place(situation)
        for (const shard of situation.stuck) {
          const before = situation.owners[shard]
          if (before === null || fit.every(({ member }) => member === before)) continue
          expect(after[shard]).not.toBe(before)
        }
      }),
    )
  })
})

describe('placement', () => {
  const member = (name: string, threads = 1, stays = true): PlacementMember => ({ member: name, threads, stays })
  const placed = (owners: string, members: readonly PlacementMember[]) =>
    place({ ...quiet, owners: [...owners], members, moves: 2 }).join('')

  it('gives a newcomer two shards first', () => {
    expect(placed('aaaabbbb', [member('a'), member('b'), member('c')])).toBe('aaacbbbc')
  })

  it('gives the shards of a dead member away at once, as many as there are', () => {
    expect(placed('aabbcccccc', [member('a'), member('b')])).toBe('aabbababab')
  })

  it('moves nothing of the living when one dies', () => {
    expect(placed('aaabbbccc', [member('a'), member('b')])).toBe('aaabbbaba')
  })

  it('gives twice the shards to twice the threads', () => {
    const end = settled({ ...quiet, owners: [...'aaaaaaaaa'], members: [member('a'), member('b', 2)], moves: 2 })
    expect(end.owners.join('')).toBe('aaabbbbbb')
  })

  it('empties a leaving member two shards at a time for each receiver', () => {
    expect(placed('aaaaaabc', [member('a', 1, false), member('b'), member('c')])).toBe('bcbcaabc')
  })

  it('leaves everything where it is if nobody stays', () => {
    expect(placed('ab', [member('a', 1, false)])).toBe('ab')
  })
})
