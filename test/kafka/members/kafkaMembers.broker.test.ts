import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest'
import { abortController, systemClock } from '../../../src/clock.ts'
import type { Membership } from '../../../src/contracts/members.ts'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { fixedMembers } from '../../../src/kafka/members/fixedMembers.ts'
import { kafkaMembers } from '../../../src/kafka/members/kafkaMembers.ts'
import { withAdmin } from '../../../src/kafka/nodes/withAdmin.ts'

const brokers = inject('brokers')
const opened: Membership[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

async function job(): Promise<string> {
  const name = `members-${randomUUID().slice(0, 8)}`
  const topics = [{ topic: `rxweft-${name}-plan`, numPartitions: 2, replicationFactor: 1 }]
  const cluster = kafkaCluster({ brokers })
  await withAdmin(cluster, (admin) => admin.createTopics({ topics, waitForLeaders: true }))
  onTestFinished(() => withAdmin(cluster, (admin) => admin.deleteTopics({ topics: [topics[0]?.topic ?? ''] })))
  return name
}

async function start(name: string, member: string, fixed?: number): Promise<Membership> {
  const cluster = kafkaCluster({ brokers })
  const instance = member.slice(0, 1)
  const members =
    fixed === undefined
      ? kafkaMembers(cluster, { instance, zone: 'z', sessionTimeout: 6_000 })
      : fixedMembers(cluster, { index: fixed, of: 3 })
  const membership = await members.open({
    ...{ clock: systemClock, signal: abortController().signal, job: name, prefix: 'rxweft', member, threads: 2 },
    ...{ changed: () => undefined, lost: () => undefined, unheard: () => undefined },
  })
  opened.push(membership)
  return membership
}

const names = (membership: Membership): readonly string[] => (membership.alive ?? []).map(({ member }) => member).sort()

describe.skipIf(brokers.length === 0)('members in a consumer group of a real broker', () => {
  it('find each other, hear each other, evict each other and leave', async () => {
    const name = await job()
    const [a, b] = [await start(name, 'a1'), await start(name, 'b1')]
    await expect
      .poll(() => [names(a), names(b)], { timeout: 20_000 })
      .toEqual([
        ['a1', 'b1'],
        ['a1', 'b1'],
      ])
    expect([a.leads, b.leads].filter((leads) => leads)).toHaveLength(1)
    expect(a.alive?.find(({ member }) => member === 'b1')).toEqual({
      ...{ member: 'b1', instance: 'b', zone: 'z', threads: 2, groupMember: b.groupMember },
    })

    b.say({ state: 'leaving', plan: 0, shards: { 3: { doing: 'running', checkpoint: 8, plan: 2 } } })
    await expect.poll(() => a.records.get('b1')?.shards[3]?.checkpoint, { timeout: 10_000 }).toBe(8)
    expect(a.records.get('b1')).toMatchObject({ state: 'leaving', pid: process.pid })

    // As SIGKILL would: nothing is said any more, and a restarted process evicts it.
    const dead = b.groupMember as string
    await b.close()
    const restarted = await start(name, 'b2')
    const evictedAt = performance.now()
    await restarted.evict([dead])
    await expect
      .poll(() => [names(a), names(restarted)], { timeout: 5_000, interval: 20 })
      .toEqual([
        ['a1', 'b2'],
        ['a1', 'b2'],
      ])
    expect(performance.now() - evictedAt).toBeLessThan(4_000)

    await restarted.leave()
    await expect.poll(() => names(a), { timeout: 5_000 }).toEqual(['a1'])
    expect(a.records.has('b2')).toBe(false)
    expect(a.leads).toBe(true)
  })

  it('need no group where their number is fixed', async () => {
    const name = await job()
    const [a, b] = [await start(name, 'a1', 0), await start(name, 'b1', 1)]
    b.say({ state: 'running', plan: 0, shards: { 1: { doing: 'failed', checkpoint: 4, plan: 1 } } })
    await expect.poll(() => a.records.get('b1')?.shards[1]?.doing, { timeout: 20_000 }).toBe('failed')
    expect(a.alive?.map(({ instance }) => instance)).toEqual(['process 0'])
    await b.leave()
    await expect.poll(() => a.records.has('b1'), { timeout: 10_000 }).toBe(false)
  })
})
