import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { FatalError } from '../../../src/errors.ts'
import { shardHangs } from '../../../src/job/shards/main/hangWatch.ts'
import { brokerError } from '../../../src/kafka/nodes/brokerErrors.ts'
import { FencedError, RetriableError } from '../../../src/openErrors.ts'
import { membersGround } from './ground.ts'

const broken = new FatalError('OPERATOR_FAILED', 'of a test')
const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type)

describe('a job in several processes', () => {
  it('runs everything in the first one, and gives shards to the next, two at a time', async () => {
    const ground = membersGround(6)
    const a = ground.start('a1')
    await ground.pass(1_000)
    expect(ground.running()).toBe('a1: 0 1 2 3 4 5')
    ground.start('b1')
    await ground.pass(60)
    expect(ground.plan?.owners.filter((owner) => owner === 'b1')).toHaveLength(2)
    await ground.pass(5_000)
    expect(ground.running()).toBe('a1: 0 1 2, b1: 3 4 5')
    expect(types(a.events)).toContain('member-joined')
    expect(types(a.events)).toContain('shard-released')
  })

  it('ends with the reason if it may not join, and runs on if it may no longer', async () => {
    const ground = membersGround(2)
    const a = ground.start('a1')
    await ground.pass(1_000)
    const denied = brokerError(30, 'JoinGroup', {})
    const b = ground.start('b1', 'b', denied)
    await ground.pass(1_000)
    expect(b.end).toEqual({ error: denied })
    ground.loses('a1', denied)
    await ground.pass(10_000)
    expect(types(a.events)).toContain('group-lost')
    expect(a.end).toBeNull()
    expect(ground.running()).toBe('a1: 0 1')
  })

  it('runs on, and tells of it, if what it says of itself can no longer be written', async () => {
    const ground = membersGround(2)
    const a = ground.start('a1')
    await ground.pass(1_000)
    ground.mutes('a1', brokerError(29, 'Produce', {}))
    await ground.pass(10_000)
    expect(types(a.events)).toContain('member-unheard')
    expect(a.end).toBeNull()
    expect(ground.running()).toBe('a1: 0 1')
  })

  it('waits for the first plan, which creates the topic of the records, however long that takes', async () => {
    const ground = membersGround(2, { mayRead: true, firstPlanAfter: 12_000 })
    const a = ground.start('a1')
    await ground.pass(8_000)
    ground.mutes('a1', new FatalError('TOPIC_MISSING', 'of a test'), false)
    await ground.pass(10_000)
    expect(a.end).toBeNull()
    expect(ground.running()).toBe('a1: 0 1')
  })

  it('tells of it, once, if it can no longer write plans, and moves nothing meanwhile', async () => {
    const ground = membersGround(2)
    const a = ground.start('a1')
    await ground.pass(1_000)
    ground.writes(false)
    const b = ground.start('b1')
    await ground.pass(30_000)
    expect(a.events.filter(({ type }) => type === 'plan-lost')).toMatchObject([
      { error: { code: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED' } },
    ])
    expect(ground.running()).toBe('a1: 0 1')
    expect([a.end, b.end]).toEqual([null, null])
    ground.writes(true)
    await ground.pass(3_000)
    expect(ground.running()).toBe('a1: 0, b1: 1')
  })

  it('ends if it may write the first plan, and not read it', async () => {
    const ground = membersGround(2, { mayRead: false })
    const a = ground.start('a1')
    await ground.pass(5_000)
    expect(a.end).toMatchObject({ error: { code: 'TOPIC_AUTHORIZATION_FAILED' } })
    expect(ground.running()).toBe('')
  })

  it('waits while it cannot join for a reason that passes', async () => {
    const ground = membersGround(2)
    ground.start('a1')
    await ground.pass(1_000)
    const b = ground.start('b1', 'b', new RetriableError('COORDINATOR_NOT_AVAILABLE', 'of a test'))
    await ground.pass(10_000)
    expect(b.end).toBeNull()
    expect(ground.running()).toBe('a1: 0 1')
  })

  it('releases a shard only once the other one waits for it', async () => {
    const ground = membersGround(2)
    ground.start('a1')
    await ground.pass(1_000)
    ground.start('b1')
    await ground.pass(90)
    expect(ground.running()).toBe('a1: 0 1')
    await ground.pass(2_000)
    expect(ground.running()).toBe('a1: 0, b1: 1')
  })

  it('hands everything over to leave, and resolves then', async () => {
    const ground = membersGround(4)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    a.handle.leave()
    await ground.pass(3_000)
    expect(a.end).toMatchObject({ outcome: 'left' })
    expect(ground.running()).toBe('b1: 0 1 2 3')
    expect(types(b.events)).toContain('member-leaving')
    expect(types(b.events)).not.toContain('member-lost')
  })

  it('releases what is left without an heir if it is the last one', async () => {
    const ground = membersGround(2)
    const a = ground.start('a1')
    await ground.pass(1_000)
    a.handle.leave()
    await ground.pass(1_000)
    expect(a.end).toMatchObject({ outcome: 'left' })
    expect(ground.running()).toBe('')
  })

  it('has left, and not stopped, if it leaves before there is a plan', async () => {
    const ground = membersGround(2)
    const a = ground.start('a1')
    a.handle.leave()
    await ground.pass(1_000)
    expect(a.end).toMatchObject({ outcome: 'left' })
  })

  it('leaves in the end, although a thread of it hangs that runs a shard', async () => {
    const ground = membersGround(2)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    ground.run('a1', 0).hang()
    a.handle.leave()
    await ground.pass(40_000)
    expect(a.end).toBeNull()
    await ground.pass(15_000)
    expect([a.end, b.end]).toMatchObject([{ outcome: 'left' }, null])
    expect(ground.running()).toBe('b1: 0 1')
  })

  it('stops everywhere when one process stops it', async () => {
    const ground = membersGround(4)
    const [a, b, c] = [ground.start('a1'), ground.start('b1'), ground.start('c1')]
    await ground.pass(3_000)
    b.handle.stop()
    await ground.pass(2_000)
    expect([a.end, b.end, c.end]).toMatchObject([
      { outcome: 'stopped' },
      { outcome: 'stopped' },
      { outcome: 'stopped' },
    ])
  })

  it('stops everywhere, although the one that stops it has not been in a round of the group yet', async () => {
    const ground = membersGround(2)
    const a = ground.start('a1', 'a', new RetriableError('COORDINATOR_NOT_AVAILABLE', 'of a test'))
    await ground.pass(1_000)
    const b = ground.start('b1')
    await ground.pass(1_000)
    a.handle.stop()
    await ground.pass(5_000)
    expect(b.end).toMatchObject({ outcome: 'stopped' })
    // It knows of the other one by the plan alone, and cannot hear that it is gone.
    await ground.pass(25_000)
    expect(a.end).toMatchObject({ outcome: 'stopped' })
  })

  it('starts although a process that is dead has once said that the job is to stop', async () => {
    const ground = membersGround(2)
    const dead = { member: 'z1', instance: 'z', zone: null, threads: 1, host: 'h', pid: 1, plan: 1, shards: {} }
    ground.says({ ...dead, state: 'stopping', heard: 0, live: false })
    const a = ground.start('a1')
    await ground.pass(5_000)
    expect(a.end).toBeNull()
    expect(ground.running()).toBe('a1: 0 1')
    ground.says({ ...dead, state: 'stopping', heard: 5_000, live: true })
    await ground.pass(2_000)
    expect(a.end).toMatchObject({ outcome: 'stopped' })
  })

  it('does not end for what a dead process has said of its shards', async () => {
    const ground = membersGround(2)
    const failed = { doing: 'failed', checkpoint: 3, plan: 1 } as const
    const dead = { member: 'z1', instance: 'z', zone: null, threads: 1, host: 'h', pid: 1, plan: 1, heard: 0 }
    ground.says({ ...dead, state: 'running', shards: { 0: failed, 1: failed }, live: true })
    const a = ground.start('a1')
    await ground.pass(5_000)
    expect(a.end).toBeNull()
    expect(ground.running()).toBe('a1: 0 1')
  })

  it('ends with the shard that hangs when it stops, and not before the others have stopped', async () => {
    const ground = membersGround(2)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    ground.run('a1', 0).hang()
    b.handle.stop()
    await ground.pass(3_000)
    expect(a.end).toBeNull()
    ground.run('a1', 0).fail(shardHangs(0, 30_000))
    await ground.pass(1_000)
    expect(a.end).toMatchObject({ error: { code: 'SHARD_HANGS', where: { shard: 0 } } })
    expect(b.end).toMatchObject({ outcome: 'stopped' })
    expect(types(a.events)).toContain('shard-failed')
  })

  it('gives a shard that hangs while it is released to the one that waits for it', async () => {
    const ground = membersGround(1)
    const a = ground.start('a1')
    await ground.pass(1_000)
    ground.run('a1', 0).hang()
    const b = ground.start('b1')
    a.handle.leave()
    await ground.pass(1_000)
    ground.run('a1', 0).fail(shardHangs(0, 30_000))
    await ground.pass(1_000)
    expect(ground.running()).toBe('b1: 0')
    expect([a.end, b.end]).toMatchObject([{ outcome: 'left' }, null])
  })

  it('ends in one process when that one is cancelled', async () => {
    const ground = membersGround(2)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    b.handle.cancel()
    await ground.pass(3_000)
    expect([a.end, b.end]).toMatchObject([null, { outcome: 'cancelled' }])
    expect(ground.running()).toBe('a1: 0 1')
  })

  it('has finished when each shard has, wherever', async () => {
    const ground = membersGround(2)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    ground.run('a1', 0).finish()
    await ground.pass(1_000)
    expect([a.end, b.end]).toEqual([null, null])
    ground.run('b1', 1).finish()
    await ground.pass(5_000)
    expect([a.end, b.end]).toMatchObject([{ outcome: 'finished' }, { outcome: 'finished' }])
  })

  it('gives the shards of a dead process to the others', async () => {
    const ground = membersGround(4)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    b.kill()
    await ground.pass(3_000)
    expect(ground.running()).toBe('a1: 0 1')
    ground.miss('b1')
    await ground.pass(2_000)
    expect(ground.running()).toBe('a1: 0 1 2 3')
    expect(types(a.events)).toContain('member-lost')
  })

  it('lets a restarted process take the place of its dead predecessor before anybody has missed it', async () => {
    const ground = membersGround(4)
    ground.start('a1')
    const b = ground.start('b1')
    await ground.pass(3_000)
    b.kill()
    ground.start('b2')
    await ground.pass(1_000)
    expect(ground.evicted).toContain('b1 in group')
    expect(ground.running()).toBe('a1: 0 1, b2: 2 3')
  })

  it('ends a process whose name another one has taken', async () => {
    const ground = membersGround(2)
    const a = ground.start('a1')
    await ground.pass(1_000)
    const twin = ground.start('a2', 'a')
    await ground.pass(3_000)
    expect(a.end).toMatchObject({ error: { code: 'INSTANCE_TAKEN' } })
    expect(twin.end).toBeNull()
    expect(ground.running()).toBe('a2: 0 1')
  })

  it('tries again a shard that another member has taken over by an older plan', async () => {
    const ground = membersGround(1)
    ground.start('a1')
    await ground.pass(1_000)
    ground.run('a1', 0).fail(new FencedError('OWNED_BY_ANOTHER', 'of a test') as never)
    await ground.pass(500)
    expect(ground.running()).toBe('')
    await ground.pass(2_000)
    expect(ground.running()).toBe('a1: 0')
  })
})

describe('a shard that has failed for good', () => {
  it('is run nowhere, and the others go on', async () => {
    const ground = membersGround(4)
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    ground.run('b1', 3).fail(broken)
    await ground.pass(5_000)
    expect([a.end, b.end]).toEqual([null, null])
    expect(ground.running()).toBe('a1: 0 1, b1: 2')
    expect(b.events.find(({ type }) => type === 'shard-failed')).toMatchObject({ shard: 3, member: 'b1' })
    const { shards } = await firstValueFrom(a.handle.members$)
    expect(shards[3]).toMatchObject({ owner: 'b1', running: null, doing: 'failed' })
  })

  it('is tried again by the next start of its process', async () => {
    const ground = membersGround(2)
    ground.start('a1')
    const b = ground.start('b1')
    await ground.pass(3_000)
    ground.run('b1', 1).fail(broken)
    await ground.pass(1_000)
    b.kill()
    ground.start('b2')
    await ground.pass(2_000)
    expect(ground.running()).toBe('a1: 0, b2: 1')
  })

  it("ends the job everywhere with onShardFailure: 'end'", async () => {
    const ground = membersGround(4, { onShardFailure: 'end' })
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    await ground.pass(3_000)
    ground.run('b1', 3).fail(broken)
    await ground.pass(5_000)
    expect(b.end).toMatchObject({ error: { code: 'OPERATOR_FAILED', where: { shard: 3 } } })
    expect(a.end).toMatchObject({ error: { code: 'SHARD_FAILED', where: { shard: 3 } } })
  })

  it('ends the job if no other shard is left', async () => {
    const ground = membersGround(1)
    const a = ground.start('a1')
    await ground.pass(1_000)
    ground.run('a1', 0).fail(broken)
    await ground.pass(1_000)
    expect(a.end).toMatchObject({ error: { code: 'OPERATOR_FAILED' } })
  })
})

describe('a shard that commits nothing', () => {
  it('since it is idle stays, and is moved soon where its thread hangs', async () => {
    const ground = membersGround(2, { stuckAfter: 5_000 })
    ground.start('a1')
    ground.start('b1')
    await ground.pass(3_000)
    for (const [member, shard] of [['a1', 0] as const, ['b1', 1] as const]) {
      ground.run(member, shard).commit(1)
      ground.run(member, shard).rest()
    }
    await ground.pass(40_000)
    expect(ground.running()).toBe('a1: 0, b1: 1')
    ground.run('b1', 1).hang()
    await ground.pass(12_000)
    expect(ground.running()).toBe('a1: 0 1, b1: 1')
  })

  it('is moved to another member once, and told of', async () => {
    const ground = membersGround(2, { stuckAfter: 5_000 })
    const [a, b] = [ground.start('a1'), ground.start('b1')]
    let checkpoint = 0
    for (let second = 0; second < 30; second++) {
      await ground.pass(1_000)
      checkpoint += 1
      // Shard 1 commits nothing on b.
      for (const run of ground.runs)
        if (run.state === 'running' && !(run.member === 'b1' && run.shard === 1)) run.commit(checkpoint)
    }
    const stuck = [...a.events, ...b.events].filter(({ type }) => type === 'shard-stuck')
    expect(stuck).toMatchObject([{ shard: 1, member: 'b1', moved: true }])
    expect(ground.runs.filter(({ shard, member }) => shard === 1 && member === 'a1').length).toBeGreaterThan(0)
  })

  it('is begun anew where it hung, if it comes back there', async () => {
    const ground = membersGround(2, { stuckAfter: 5_000 })
    ground.start('a1')
    const b = ground.start('b1')
    await ground.pass(3_000)
    const hung = ground.run('a1', 0)
    hung.hang()
    for (let checkpoint = 1; ground.run('b1', 0)?.state !== 'running'; checkpoint++) {
      await ground.pass(1_000)
      ground.run('b1', 1).commit(checkpoint)
    }
    b.kill()
    ground.miss('b1')
    await ground.pass(3_000)
    expect(hung.state).toBe('ended')
    expect(ground.running()).toBe('a1: 0 1')
  })
})

describe('a fixed set of processes', () => {
  it('whose number changes ends the earlier one that loses a shard to a later one, and plans no longer', async () => {
    const ground = membersGround(6)
    const [a, b] = [
      ground.start('a1', 'process 0', undefined, { index: 0, of: 2 }),
      ground.start('b1', 'process 1', undefined, { index: 1, of: 2 }),
    ]
    await ground.pass(3_000)
    expect(ground.running()).toBe('a1: 0 2 4, b1: 1 3 5')
    const next = ground.start('c1', 'process 2', undefined, { index: 2, of: 3 })
    await ground.pass(5_000)
    const number = ground.plan?.number ?? 0
    expect(number).toBeLessThan(10)
    expect(ground.plan?.owners).toEqual(['a1', 'b1', 'c1', 'b1', 'a1', 'c1'])
    for (const { end } of [a, b]) expect(end).toMatchObject({ error: { code: 'FIXED_MEMBERS_DIFFER' } })
    expect(next.end).toBeNull()
    await ground.pass(10_000)
    expect(ground.plan?.number).toBe(number)
  })
})
