import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AliveMember, MemberRecord, ShardDoing } from '../../src/contracts/members.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { fixedPlan, nextPlan, planWith, twins } from '../../src/members/planner.ts'

/** A member "a1" is the first start of instance "a". */
function alive(member: string, threads = 1): AliveMember {
  return { member, instance: member.slice(0, 1), zone: null, threads, groupMember: `${member}-in-group` }
}

function plan(owners: string, members: readonly string[]): Plan {
  return {
    number: 7,
    lineage: 'l',
    slots: owners.split(' ').map((_, shard) => shard),
    owners: owners.split(' ').map((owner) => (owner === '-' ? null : owner)),
    members: Object.fromEntries(
      members.map((member) => [member, { instance: member.slice(0, 1), groupMember: `${member}-in-group` }]),
    ),
  }
}

type Said = Pick<MemberRecord, 'state' | 'shards'>

/** Everybody runs what the plan says. */
function running({ owners }: Plan, doing: Readonly<Record<number, ShardDoing>> = {}): Map<string, Said> {
  const records = new Map<string, Said>()
  for (const [shard, owner] of owners.entries()) {
    if (owner === null) continue
    const before = records.get(owner)?.shards ?? {}
    const report = { doing: doing[shard] ?? 'running', checkpoint: 1, plan: 7 } as const
    records.set(owner, { state: 'running', shards: { ...before, [shard]: report } })
  }
  return records
}

const none: ReadonlySet<number> = new Set()
const nobody: ReadonlySet<string> = new Set()

function owners(before: Plan, living: readonly AliveMember[], records = running(before)): string | undefined {
  return nextPlan({ plan: before, alive: living, records, stuck: none, hanging: nobody })?.owners.join(' ')
}

describe('the planner', () => {
  it('has nothing to say while everybody is alive and balanced', () => {
    const before = plan('a1 b1 a1', ['a1', 'b1'])
    expect(owners(before, [alive('a1'), alive('b1')])).toBeUndefined()
  })

  it('counts from the plan before, and keeps lineage and slots', () => {
    const before = plan('a1 a1 a1', ['a1'])
    const next = nextPlan({
      plan: before,
      alive: [alive('a1'), alive('b1')],
      records: running(before),
      stuck: none,
      hanging: nobody,
    })
    expect(next).toMatchObject({ number: 8, lineage: 'l', slots: before.slots })
    expect(Object.keys(next?.members ?? {})).toEqual(['a1', 'b1'])
  })

  it('gives all shards of a dead member to the others, and forgets it', () => {
    const before = plan('a1 b1 b1 b1', ['a1', 'b1'])
    const next = nextPlan({
      plan: before,
      alive: [alive('a1')],
      records: running(before),
      stuck: none,
      hanging: nobody,
    })
    expect(next?.owners.join(' ')).toBe('a1 a1 a1 a1')
    expect(Object.keys(next?.members ?? {})).toEqual(['a1'])
  })

  it('leaves the shards of a dead member to the next start of the same process, which introduces itself', () => {
    const before = plan('a1 b1 b1', ['a1', 'b1'])
    expect(owners(before, [alive('a1'), alive('b2')])).toBeUndefined()
    expect(planWith(before, alive('b2')).owners.join(' ')).toBe('a1 b2 b2')
  })

  it('does not bring back a predecessor that a round from before the plan still names', () => {
    expect(owners(plan('a1 b2 b2', ['a1', 'b2']), [alive('a1'), alive('b1')])).toBeUndefined()
  })

  it('waits for a newcomer to introduce itself while its predecessor seems alive', () => {
    const before = plan('a1 b1', ['a1', 'b1'])
    expect(owners(before, [alive('a1'), alive('b1'), alive('b2')])).toBeUndefined()
  })

  it('does not bring back whom a newer start of the same process has replaced', () => {
    const before = plan('a1 b2', ['a1', 'b2'])
    expect(owners(before, [alive('a1'), alive('b1'), alive('b2')])).toBeUndefined()
  })

  it('moves two shards to a newcomer, and more only when these run there', () => {
    const before = plan('a1 a1 a1 a1 a1 a1 a1 a1', ['a1'])
    const both = [alive('a1'), alive('b1')]
    expect(owners(before, both)).toBe('a1 a1 a1 a1 a1 a1 b1 b1')
    const next = plan('a1 a1 a1 a1 a1 a1 b1 b1', ['a1', 'b1'])
    expect(owners(next, both, running(next, { 6: 'warming', 7: 'ready' }))).toBeUndefined()
    expect(owners(next, both, running(next, { 6: 'running', 7: 'ready' }))).toBe('a1 a1 a1 a1 a1 b1 b1 b1')
  })

  it('empties a leaving member', () => {
    const before = plan('a1 b1 a1 b1', ['a1', 'b1'])
    const records = running(before).set('b1', { state: 'leaving', shards: {} })
    expect(owners(before, [alive('a1'), alive('b1')], records)).toBe('a1 a1 a1 a1')
  })

  it('leaves a failed shard where it has failed', () => {
    const before = plan('a1 b1 b1 b1 b1 b1', ['a1', 'b1'])
    const failed = running(before, { 1: 'failed', 2: 'failed', 3: 'failed', 4: 'failed', 5: 'failed' })
    expect(owners(before, [alive('a1'), alive('b1')], failed)).toBeUndefined()
  })

  it('learns of the id with which a member has rejoined, for whoever must evict it', () => {
    const before = plan('a1', ['a1'])
    const back = { ...alive('a1'), groupMember: 'another' }
    const next = nextPlan({ plan: before, alive: [back], records: running(before), stuck: none, hanging: nobody })
    expect(next?.members.a1?.groupMember).toBe('another')
  })

  it('writes no second plan after its own', () => {
    const members = fc.uniqueArray(fc.constantFrom('a1', 'a2', 'b1', 'b2', 'c1', 'd1'), { minLength: 1 })
    const before = fc.array(fc.constantFrom('a1', 'b1', 'c1', 'd1', '-'), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(members, before, (living, list) => {
        let now = plan(list.join(' '), [...new Set(list.filter((one) => one !== '-'))])
        for (let more = 0; more < 100; more++) {
          const next = nextPlan({
            plan: now,
            alive: living.map((one) => alive(one)),
            records: running(now),
            stuck: none,
            hanging: nobody,
          })
          if (next === null) return
          expect(next.number).toBe(now.number + 1)
          now = next
        }
        throw new Error('plans for ever')
      }),
    )
  })
})

describe('a member in which a thread hangs', () => {
  it('gets no shards of others, and goes on giving away what it has too many of', () => {
    const before = plan('a1 a1 a1 a1 c1', ['a1', 'b1', 'c1'])
    const plans = (hanging: string) => {
      const members = [alive('a1'), alive('b1')]
      const next = nextPlan({
        plan: before,
        alive: members,
        records: running(before),
        stuck: none,
        hanging: new Set([hanging]),
      })
      return next?.owners.join(' ')
    }
    expect(plans('b1')).toBe('a1 a1 a1 a1 a1')
    expect(plans('a1')).toBe('a1 a1 a1 b1 b1')
  })

  it('takes what nobody else can', () => {
    const before = plan('a1 b1', ['a1', 'b1'])
    const next = nextPlan({
      plan: before,
      alive: [alive('a1')],
      records: running(before),
      stuck: none,
      hanging: new Set(['a1']),
    })
    expect(next?.owners.join(' ')).toBe('a1 a1')
  })
})

describe('a restarted process', () => {
  it('takes the place of its predecessors, and disturbs nobody else', () => {
    const next = planWith(plan('a1 b1 a1', ['a1', 'b1']), alive('a2'))
    expect(next.owners.join(' ')).toBe('a2 b1 a2')
    expect(Object.keys(next.members)).toEqual(['b1', 'a2'])
  })

  it('knows whom to evict', () => {
    const evicted = twins(plan('a1 b1', ['a1', 'b1']), { member: 'a2', instance: 'a' })
    expect(evicted).toEqual({ a1: { instance: 'a', groupMember: 'a1-in-group' } })
  })
})

describe('a fixed set of processes', () => {
  it('gives each its own shards, whoever had them', () => {
    const next = fixedPlan(plan('a1 a1 a1 a1', ['a1']), alive('b1'), { index: 1, of: 2 })
    expect(next?.owners.join(' ')).toBe('a1 b1 a1 b1')
  })

  it('has nothing to say while that is so', () => {
    expect(fixedPlan(plan('a1 b1 a1', ['a1', 'b1']), alive('b1'), { index: 1, of: 2 })).toBeNull()
  })
})
