import { describe, expect, it } from 'vitest'
import type { ShardDoing } from '../../../src/contracts/members.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { isFree, isTargetReady, type Records } from '../../../src/job/members/shardFacts.ts'

const plan: Plan = {
  ...{ number: 5, lineage: 'l', slots: [0], owners: ['me'] },
  members: { me: { instance: 'm', groupMember: null }, other: { instance: 'o', groupMember: null } },
}

const busy = () => false

const says = (member: string, doing: ShardDoing | null, known = 5): Records => {
  const shards = doing === null ? {} : { 0: { doing, checkpoint: 3, plan: 4 } }
  return new Map([[member, { state: 'running', plan: known, shards }]])
}

describe('a shard is free', () => {
  const entry = { owner: 'other', plan: 4 }
  it('once its owner has signed that it let it go', () => {
    expect(isFree(plan, 'me', 0, { ...entry, plan: 5, released: 5 }, says('other', 'running'), busy)).toBe(true)
    expect(isFree(plan, 'me', 0, { ...entry, plan: 5, released: 4 }, says('other', 'running'), busy)).toBe(false)
  })

  it('not where it is signed under a newer plan, whoever has signed it', () => {
    for (const owner of ['other', 'gone', 'me'])
      expect(isFree(plan, 'me', 0, { owner, plan: 6, released: 6 }, new Map(), busy)).toBe(false)
  })

  it('where its owner is no member, or this one', () => {
    expect(isFree(plan, 'me', 0, { ...entry, owner: 'gone' }, new Map(), busy)).toBe(true)
    expect(isFree(plan, 'me', 0, { ...entry, owner: 'me' }, new Map(), busy)).toBe(true)
  })

  it('where its owner knows the plan and does not run it', () => {
    expect(isFree(plan, 'me', 0, entry, says('other', null), busy)).toBe(true)
    expect(isFree(plan, 'me', 0, entry, says('other', 'failed'), busy)).toBe(true)
    expect(isFree(plan, 'me', 0, entry, says('other', null, 4), busy)).toBe(false)
  })

  it('not while its owner runs it, or nothing is known', () => {
    expect(isFree(plan, 'me', 0, entry, says('other', 'running'), busy)).toBe(false)
    expect(isFree(plan, 'me', 0, entry, says('other', 'releasing'), busy)).toBe(false)
    expect(isFree(plan, 'me', 0, entry, new Map(), busy)).toBe(false)
    expect(isFree(plan, 'me', 0, null, says('other', null), busy)).toBe(false)
  })

  it('where its owner says that it runs it, and makes no progress', () => {
    const hangs = (member: string) => member === 'other'
    expect(isFree(plan, 'me', 0, entry, says('other', 'running'), hangs)).toBe(true)
  })
})

it('the target of a shard is ready when it says so', () => {
  expect(isTargetReady(plan, says('me', 'ready'), 0)).toBe(true)
  expect(isTargetReady(plan, says('me', 'warming'), 0)).toBe(false)
  expect(isTargetReady(plan, says('other', 'ready'), 0)).toBe(false)
})
