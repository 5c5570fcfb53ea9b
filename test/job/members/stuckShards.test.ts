import { describe, expect, it } from 'vitest'
import type { ShardReport } from '../../../src/contracts/members.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { type StuckShards, stuckShards } from '../../../src/job/members/stuckShards.ts'

const plan = (owner: string): Plan => ({
  ...{ number: 1, lineage: 'l', slots: [0], owners: [owner] },
  members: { a: { instance: 'a', groupMember: null }, b: { instance: 'b', groupMember: null } },
})

const says = (member: string, report: Partial<ShardReport>, heard: number) =>
  new Map([[member, { heard, shards: { 0: { doing: 'running' as const, checkpoint: 1, plan: 1, ...report } } }]])

function look(watch: StuckShards, its: Plan, records: Parameters<StuckShards['hear']>[0], now: number) {
  watch.hear(records, now)
  return watch.look(its)
}

describe('a shard is stuck', () => {
  it('when its member is alive and says that it runs, and it commits nothing for a while', () => {
    const watch = stuckShards(1_000)
    expect(look(watch, plan('a'), says('a', {}, 0), 0)).toEqual([])
    expect(look(watch, plan('a'), says('a', {}, 999), 999)).toEqual([])
    const stuck = look(watch, plan('a'), says('a', {}, 1_000), 1_000)
    expect(stuck).toEqual([{ shard: 0, member: 'a', duration: 1_000, moves: true }])
  })

  it('not when it commits, is idle, waits for its owner, or says nothing', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', {}, 0), 0)
    expect(look(watch, plan('a'), says('a', { checkpoint: 2 }, 5_000), 5_000)).toEqual([])
    expect(look(watch, plan('a'), says('a', { checkpoint: 2, idle: true }, 65_000), 65_000)).toEqual([])
    expect(look(watch, plan('a'), says('a', { checkpoint: 2, doing: 'ready' }, 50_000), 50_000)).toEqual([])
    expect(look(watch, plan('a'), new Map(), 90_000)).toEqual([])
  })

  it('not when its member has said nothing since, since that one may be dead', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', {}, 0), 0)
    expect(look(watch, plan('a'), says('a', {}, 900), 5_000)).toEqual([])
    expect(look(watch, plan('a'), says('a', {}, 5_000), 5_000)).toHaveLength(1)
  })

  it('when its member cannot open it for as long', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', { doing: 'warming' }, 0), 0)
    const stuck = look(watch, plan('a'), says('a', { doing: 'warming' }, 1_000), 1_000)
    expect(stuck).toEqual([{ shard: 0, member: 'a', duration: 1_000, moves: true }])
  })

  it('not when its member loads it while another one still runs it', () => {
    const watch = stuckShards(1_000)
    const records = (now: number) =>
      new Map([...says('a', { doing: 'warming' }, now), ...says('b', { checkpoint: now }, now)])
    look(watch, plan('a'), records(0), 0)
    expect(look(watch, plan('a'), records(5_000), 5_000)).toEqual([])
  })

  it('when its member cannot open it, and the one that says that it runs it hangs, too', () => {
    const watch = stuckShards(1_000)
    const records = (now: number, checkpoint: number) =>
      new Map([...says('a', { doing: 'warming' }, now), ...says('b', { checkpoint }, now)])
    look(watch, plan('a'), records(0, 1), 0)
    expect(look(watch, plan('a'), records(900, 2), 900)).toEqual([])
    expect(look(watch, plan('a'), records(1_800, 2), 1_800)).toEqual([])
    expect(watch.hangs('b', 0)).toBe(false)
    expect(look(watch, plan('a'), records(1_900, 2), 1_900)).toMatchObject([{ member: 'a', moves: true }])
    expect([watch.hangs('b', 0), watch.hangs('a', 0)]).toEqual([true, false])
  })

  it('not when it has been idle for long, and has just become busy', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', { idle: true }, 0), 0)
    look(watch, plan('a'), says('a', { idle: true }, 50_000), 50_000)
    expect(look(watch, plan('a'), says('a', {}, 50_100), 50_100)).toEqual([])
    expect(look(watch, plan('a'), says('a', {}, 51_000), 51_000)).toEqual([])
    expect(look(watch, plan('a'), says('a', {}, 51_100), 51_100)).toHaveLength(1)
  })

  it('when it is idle, and does not commit each minute either', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', { idle: true }, 0), 0)
    expect(look(watch, plan('a'), says('a', { idle: true }, 60_999), 60_999)).toEqual([])
    expect(look(watch, plan('a'), says('a', { idle: true }, 61_000), 61_000)).toHaveLength(1)
  })

  it('although its member lets it go, which its main thread says', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', {}, 0), 0)
    watch.hear(says('a', { doing: 'releasing' }, 900), 900)
    expect(watch.hangs('a', 0)).toBe(false)
    watch.hear(says('a', { doing: 'releasing' }, 1_000), 1_000)
    expect([watch.hangs('a', 0), watch.hanging()]).toEqual([true, new Set(['a'])])
  })

  it('is moved once, and then only told of', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', {}, 0), 0)
    expect(look(watch, plan('a'), says('a', {}, 2_000), 2_000)[0]?.moves).toBe(true)
    look(watch, plan('b'), says('b', {}, 3_000), 3_000)
    expect(look(watch, plan('b'), says('b', {}, 5_000), 5_000)).toMatchObject([{ member: 'b', moves: false }])
  })

  it('is not moved again where it comes back without a commit, though a plan is repeated until it has left', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', {}, 0), 0)
    expect(look(watch, plan('a'), says('a', {}, 2_000), 2_000)[0]?.moves).toBe(true)
    expect(look(watch, plan('a'), says('a', {}, 2_100), 2_100)[0]?.moves).toBe(true)
    look(watch, plan('b'), says('a', {}, 2_200), 2_200)
    expect(watch.hanging()).toEqual(new Set(['a']))
    expect(look(watch, plan('a'), says('a', {}, 2_300), 2_300)[0]?.moves).toBe(false)
  })

  it('may be moved again once it has committed', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', {}, 0), 0)
    look(watch, plan('a'), says('a', {}, 2_000), 2_000)
    look(watch, plan('b'), says('b', {}, 3_000), 3_000)
    look(watch, plan('b'), says('b', { checkpoint: 2 }, 3_500), 3_500)
    expect(look(watch, plan('b'), says('b', { checkpoint: 2 }, 5_000), 5_000)[0]?.moves).toBe(true)
  })

  it('is told of once for each time', () => {
    const watch = stuckShards(1_000)
    look(watch, plan('a'), says('a', {}, 0), 0)
    const first = look(watch, plan('a'), says('a', {}, 1_000), 1_000)
    expect(watch.news(first)).toHaveLength(1)
    expect(watch.news(look(watch, plan('a'), says('a', {}, 1_100), 1_100))).toEqual([])
  })
})
