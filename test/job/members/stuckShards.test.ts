import { describe, expect, it } from 'vitest'
import type { ShardReport } from '../../../src/contracts/members.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { stuckShards } from '../../../src/job/members/stuckShards.ts'

const plan = (owner: string): Plan => ({
  ...{ number: 1, lineage: 'l', slots: [0], owners: [owner] },
  members: { a: { instance: 'a', groupMember: null }, b: { instance: 'b', groupMember: null } },
})

const says = (member: string, report: Partial<ShardReport>, heard: number) =>
  new Map([[member, { heard, shards: { 0: { doing: 'running' as const, checkpoint: 1, plan: 1, ...report } } }]])

describe('a shard is stuck', () => {
  it('when its member is alive and says that it runs, and it commits nothing for a while', () => {
    const watch = stuckShards(1_000)
    expect(watch.look(plan('a'), says('a', {}, 0), 0)).toEqual([])
    expect(watch.look(plan('a'), says('a', {}, 999), 999)).toEqual([])
    const stuck = watch.look(plan('a'), says('a', {}, 1_000), 1_000)
    expect(stuck).toEqual([{ shard: 0, member: 'a', duration: 1_000, moves: true }])
  })

  it('not when it commits, is idle, waits for its owner, or says nothing', () => {
    const watch = stuckShards(1_000)
    watch.look(plan('a'), says('a', {}, 0), 0)
    expect(watch.look(plan('a'), says('a', { checkpoint: 2 }, 5_000), 5_000)).toEqual([])
    expect(watch.look(plan('a'), says('a', { checkpoint: 2, idle: true }, 65_000), 65_000)).toEqual([])
    expect(watch.look(plan('a'), says('a', { checkpoint: 2, doing: 'ready' }, 50_000), 50_000)).toEqual([])
    expect(watch.look(plan('a'), new Map(), 90_000)).toEqual([])
  })

  it('not when its member has said nothing since, since that one may be dead', () => {
    const watch = stuckShards(1_000)
    watch.look(plan('a'), says('a', {}, 0), 0)
    expect(watch.look(plan('a'), says('a', {}, 900), 5_000)).toEqual([])
    expect(watch.look(plan('a'), says('a', {}, 5_000), 5_000)).toHaveLength(1)
  })

  it('when its member cannot open it for as long', () => {
    const watch = stuckShards(1_000)
    watch.look(plan('a'), says('a', { doing: 'warming' }, 0), 0)
    const stuck = watch.look(plan('a'), says('a', { doing: 'warming' }, 1_000), 1_000)
    expect(stuck).toEqual([{ shard: 0, member: 'a', duration: 1_000, moves: true }])
  })

  it('not when its member loads it while another one still runs it', () => {
    const watch = stuckShards(1_000)
    const records = (now: number) => new Map([...says('a', { doing: 'warming' }, now), ...says('b', {}, now)])
    watch.look(plan('a'), records(0), 0)
    expect(watch.look(plan('a'), records(5_000), 5_000)).toEqual([])
  })

  it('when it is idle, and does not commit each minute either', () => {
    const watch = stuckShards(1_000)
    watch.look(plan('a'), says('a', { idle: true }, 0), 0)
    expect(watch.look(plan('a'), says('a', { idle: true }, 60_999), 60_999)).toEqual([])
    expect(watch.look(plan('a'), says('a', { idle: true }, 61_000), 61_000)).toHaveLength(1)
  })

  it('is moved once, and then only told of', () => {
    const watch = stuckShards(1_000)
    watch.look(plan('a'), says('a', {}, 0), 0)
    expect(watch.look(plan('a'), says('a', {}, 2_000), 2_000)[0]?.moves).toBe(true)
    watch.look(plan('b'), says('b', {}, 3_000), 3_000)
    expect(watch.look(plan('b'), says('b', {}, 5_000), 5_000)).toMatchObject([{ member: 'b', moves: false }])
  })

  it('may be moved again once it has committed', () => {
    const watch = stuckShards(1_000)
    watch.look(plan('a'), says('a', {}, 0), 0)
    watch.look(plan('a'), says('a', {}, 2_000), 2_000)
    watch.look(plan('b'), says('b', {}, 3_000), 3_000)
    watch.look(plan('b'), says('b', { checkpoint: 2 }, 3_500), 3_500)
    expect(watch.look(plan('b'), says('b', { checkpoint: 2 }, 5_000), 5_000)[0]?.moves).toBe(true)
  })

  it('is told of once for each time', () => {
    const watch = stuckShards(1_000)
    watch.look(plan('a'), says('a', {}, 0), 0)
    const first = watch.look(plan('a'), says('a', {}, 1_000), 1_000)
    expect(watch.news(first)).toHaveLength(1)
    expect(watch.news(watch.look(plan('a'), says('a', {}, 1_100), 1_100))).toEqual([])
  })
})
