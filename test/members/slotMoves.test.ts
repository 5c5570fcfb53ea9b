/** Plans by which slots move while members run: what is taken from whom, what comes back, and what nobody may touch meanwhile. */
import { describe, expect, it } from 'vitest'
import type { AliveMember, ShardDoing } from '../../src/contracts/members.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { movedSlots, withSlots } from '../../src/contracts/slotMoves.ts'
import { fixedPlan, nextPlan, planWith } from '../../src/members/planner.ts'
import { givenBack, givers, moved, requested } from '../../src/members/slotMoves.ts'

const alive = (member: string): AliveMember => {
  return { member, instance: member.slice(0, 1), zone: null, threads: 1, groupMember: null }
}

const of = (slots: readonly number[], owners: readonly string[]): Plan => ({
  ...{ number: 7, lineage: 'l', slots, owners },
  members: Object.fromEntries(owners.map((member) => [member, { instance: member.slice(0, 1), groupMember: null }])),
})

const before = of([0, 1, 2, 0, 1, 2, 0, 1, 2], ['a1', 'b1', 'c1'])

/** Everybody runs what the plan says. */
function placing(members: readonly string[], doing: ShardDoing = 'running') {
  return (plan: Plan) => {
    const its = (member: string) =>
      Object.fromEntries(
        plan.owners.flatMap((owner, shard) => (owner === member ? [[shard, { doing, checkpoint: 1, plan: 7 }]] : [])),
      )
    const records = new Map(members.map((member) => [member, { state: 'running' as const, shards: its(member) }]))
    return nextPlan({ plan, alive: members.map(alive), records, stuck: new Set(), hanging: new Set() })
  }
}

function begun(plan: Plan, slots: readonly number[], shards: number): Plan & { readonly moving: object } {
  const next = requested(plan, { slots, shards })
  if (next?.moving === undefined) throw new Error('nothing to move')
  return next as Plan & { readonly moving: object }
}

describe('a request to move slots', () => {
  it('takes only the shards concerned from their owners', () => {
    const next = begun(before, withSlots(before.slots, [3], 1), 3)
    expect(next).toMatchObject({ number: 8, owners: [null, null, 'c1'], slots: before.slots })
    expect(next.moving).toMatchObject({ request: 8, shards: 3, owners: ['a1', 'b1', 'c1'] })
  })

  it('is none if everything is there already', () => {
    expect(requested(before, { slots: before.slots, shards: 3 })).toBeNull()
  })

  it('takes a shard that is to go although it has no slots', () => {
    const empty = { ...of([0, 1, 0, 1], ['a1', 'b1']), owners: ['a1', 'b1', 'c1'] }
    expect(requested(empty, { slots: empty.slots, shards: 2 })?.owners).toEqual(['a1', 'b1', null])
  })

  it('waits for those that have slots, and not for those that get their first', () => {
    const next = begun(before, movedSlots(before.slots, 4), 4)
    expect(givers(next, next.moving as never)).toEqual([0, 1])
  })
})

describe('while slots are on the move', () => {
  const next = begun(before, withSlots(before.slots, [3], 1), 3)

  it('nobody gets their shards, whoever dies', () => {
    expect(placing(['a1', 'b1'])(next)?.owners).toEqual([null, null, expect.any(String)])
    expect(placing(['a1', 'b1', 'c1'])(next)).toBeNull()
  })

  it('a restarted owner is remembered by its new name, and fixed members take nothing', () => {
    const back = planWith(next, alive('a2'))
    expect(back.owners).toEqual([null, null, 'c1'])
    expect(back.moving?.owners).toEqual(['a2', 'b1', 'c1'])
    expect(fixedPlan(next, alive('a1'), { index: 0, of: 3 })).toBeNull()
  })
})

describe('after a move', () => {
  it('shards stay where they were, new ones have somebody, and the others keep their number', () => {
    const next = begun(before, withSlots(movedSlots(before.slots, 3), [3], 3), 4)
    const after = moved(next, next.moving as never, placing(['a1', 'b1', 'c1']))
    expect(after).toMatchObject({ number: 9, owners: ['a1', 'b1', 'c1', expect.any(String)], moved: { request: 8 } })
    expect(after.since).toEqual([9, 0, 0, 9])
    expect(after.moving).toBeUndefined()
  })

  it('a shard whose owner has died meanwhile is with another one', () => {
    const next = begun(before, withSlots(before.slots, [3], 1), 3)
    const after = moved(next, next.moving as never, placing(['b1', 'c1']))
    expect(after.owners[0]).toMatch(/[bc]1/)
  })

  it('fixed members find their shards without an owner, and take them', () => {
    const next = begun(before, movedSlots(before.slots, 4), 4)
    const after = moved(next, next.moving as never, () => null)
    expect(after.owners).toEqual(['a1', 'b1', 'c1', null])
    expect(fixedPlan(after, alive('a1'), { index: 0, of: 3 })?.owners).toEqual(['a1', 'b1', 'c1', 'a1'])
  })
})

describe('a move that is refused', () => {
  it('leaves everything as it was, and says why', () => {
    const next = begun(before, movedSlots(before.slots, 2), 2)
    const error = { code: 'STATE_HAS_NO_SLOT', message: 'it cannot' }
    const after = givenBack(next, next.moving as never, error, placing(['a1', 'b1', 'c1']))
    expect(after).toMatchObject({ number: 9, owners: before.owners, slots: before.slots, moved: { request: 8, error } })
    expect(after.moving).toBeUndefined()
    expect(after.since).toBeUndefined()
  })
})
