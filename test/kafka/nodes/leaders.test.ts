import { describe, expect, test } from 'vitest'
import { leaders as leadersOf } from '../../../src/kafka/nodes/leaders.ts'
import { earliest, latest } from '../../../src/kafka/protocol/listOffsets.ts'
import { sameTopic } from '../../../src/kafka/reading/sameTopic.ts'
import { splitOffsets } from '../../../src/kafka/reading/splitOffsets.ts'
import type { Notice } from '../../../src/notice.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { fakeLeaders, leadTopic, lost } from '../fakeLeaders.ts'

async function looking(nodes: number, partitions: number) {
  const clock = virtualClock()
  const fake = fakeLeaders(clock, nodes, partitions)
  const notices: Notice[] = []
  const attempt = { clock, signal: new AbortController().signal, tell: (notice: Notice) => void notices.push(notice) }
  const leaders = leadersOf(attempt, fake.connections)
  /** What it comes to while time passes. */
  async function outcome<A>(promise: Promise<A>, ms = 20_000): Promise<A | unknown> {
    let result: unknown = 'nothing yet'
    promise.then(
      (value) => (result = value),
      (error) => (result = error),
    )
    await clock.advanceAsync(ms)
    return result
  }
  return { clock, fake, leaders, attempt, notices, outcome }
}

const split = (partition: number) => ({ topic: leadTopic, partition })

describe('leaders', () => {
  test('of an older epoch never replace newer ones, whoever names them', async () => {
    const { fake, leaders } = await looking(2, 2)
    await leaders.topic(leadTopic)
    fake.outdated.set(1, fake.now())
    Object.assign(fake.partitions[0] ?? {}, { leader: 2, epoch: 1 })
    for (let refresh = 0; refresh < 2; refresh++) await leaders.refresh()
    for (let refresh = 0; refresh < 4; refresh++) {
      await leaders.refresh()
      expect([leaders.leader(leadTopic, 0), leaders.epoch(leadTopic, 0)]).toEqual([2, 1])
    }
  })

  test('and partitions that one broker has not heard of yet are not forgotten', async () => {
    const { fake, leaders } = await looking(2, 1)
    fake.outdated.set(1, fake.now())
    fake.partitions.push({ leader: 2, epoch: 0, log: [] })
    for (let refresh = 0; refresh < 2; refresh++) {
      await leaders.topic(leadTopic)
      await leaders.refresh()
    }
    for (let refresh = 0; refresh < 2; refresh++) {
      await leaders.refresh()
      expect((await leaders.topic(leadTopic)).partitions).toHaveLength(2)
    }
  })

  test('of an older epoch than what was read are nobody', async () => {
    const { fake, leaders } = await looking(1, 1)
    fake.partitions[0] = { leader: 1, epoch: 3, log: [] }
    leaders.witnessed({ ...split(0), topicId: 'id' }, 4)
    await leaders.topic(leadTopic)
    expect(() => leaders.leader(leadTopic, 0)).toThrow(/NO_LEADER: the cluster names a leader of epoch 3.*epoch 4/)
    fake.partitions[0].epoch = 4
    await leaders.refresh()
    expect(leaders.leader(leadTopic, 0)).toBe(1)
  })

  test('of an older epoch are outdated rather than missing, also with the node id 0', async () => {
    const { fake, leaders } = await looking(1, 1)
    fake.partitions[0] = { leader: 0, epoch: 3, log: [] }
    await leaders.topic(leadTopic)
    expect(leaders.leader(leadTopic, 0)).toBe(0)
    leaders.witnessed({ ...split(0), topicId: 'id' }, 4)
    expect(() => leaders.leader(leadTopic, 0)).toThrow(/NO_LEADER: the cluster names a leader of epoch 3/)
    fake.partitions[0] = { leader: -1, epoch: 5, log: [] }
    await leaders.refresh()
    expect(() => leaders.leader(leadTopic, 0)).toThrow(/NO_LEADER: the partition has no leader/)
  })

  test('of a topic with the same name do not count epochs of the one before', async () => {
    const { fake, leaders, outcome } = await looking(2, 1)
    await leaders.topic(leadTopic)
    fake.partitions[0] = { leader: 2, epoch: 0, log: [] }
    leaders.witnessed({ ...split(0), topicId: 'id' }, 7)
    fake.topicId = 'another'
    await outcome(leaders.refresh())
    expect(leaders.leader(leadTopic, 0)).toBe(2)
  })

  test('are asked for of several brokers if it matters: one that was cut off does not know', async () => {
    const { fake, leaders, outcome } = await looking(3, 1)
    const before = fake.now()
    for (const node of [1, 2]) fake.outdated.set(node, before)
    Object.assign(fake.partitions[0] ?? {}, { leader: 3, epoch: 1 })
    await leaders.topic(leadTopic)
    await outcome(leaders.survey())
    expect(leaders.leader(leadTopic, 0)).toBe(3)
  })

  test('are known although the broker that knows is slower than the others, and not waited for for long', async () => {
    const { fake, leaders, outcome, clock } = await looking(2, 1)
    await leaders.topic(leadTopic)
    fake.before = async (node) => {
      if (node === 2) await clock.sleep(60_000)
    }
    fake.connections.metadata = async () => fake.now()
    Object.assign(fake.partitions[0] ?? {}, { leader: 2, epoch: 1 })
    expect(await outcome(leaders.survey(), 1_100)).toBeUndefined()
    expect(leaders.leader(leadTopic, 0)).toBe(2)
  })
})

describe('a topic', () => {
  test('that one of the brokers has not heard of is there', async () => {
    const { fake, leaders, outcome } = await looking(3, 1)
    fake.outdated.set(1, nothing(fake.now()))
    expect(await outcome(leaders.topic(leadTopic))).toMatchObject({ topicId: 'id' })
    for (let refresh = 0; refresh < 3; refresh++) await outcome(leaders.refresh())
    expect(await leaders.topic(leadTopic)).toMatchObject({ topicId: 'id' })
  })

  test('that becomes known only after nine seconds is there', async () => {
    const { fake, leaders, outcome, clock } = await looking(2, 1)
    const now = fake.now()
    for (const node of [1, 2]) fake.outdated.set(node, nothing(now))
    clock.setTimeout(() => fake.outdated.clear(), 9_000)
    expect(await outcome(leaders.topic(leadTopic))).toMatchObject({ topicId: 'id' })
  })

  test('that no broker knows for ten seconds is missing', async () => {
    const { fake, leaders, outcome } = await looking(2, 1)
    for (const node of [1, 2]) fake.outdated.set(node, nothing(fake.now()))
    expect(await outcome(leaders.topic(leadTopic), 9_000)).toBe('nothing yet')
    expect(await outcome(leaders.topic(leadTopic))).toMatchObject({ code: 'TOPIC_MISSING', consequence: 'fatal' })
  })

  test('may be asked for while brokers come back', async () => {
    const { fake, leaders, outcome, clock } = await looking(2, 1)
    fake.before = () => lost()
    clock.setTimeout(() => (fake.before = () => undefined), 30_000)
    expect(await outcome(leaders.topic(leadTopic), 40_000)).toMatchObject({ topicId: 'id' })
  })

  test('is not another one because a single broker says so', async () => {
    const { fake, leaders, attempt, outcome } = await looking(3, 1)
    fake.outdated.set(2, { ...fake.now(), topics: fake.now().topics.map((one) => ({ ...one, topicId: 'older' })) })
    const read = { ...split(0), offset: 5, topicId: 'id' }
    for (let refresh = 0; refresh < 6; refresh++) {
      expect(await outcome(sameTopic(attempt, leaders, read))).toMatchObject({ topicId: 'id' })
      await outcome(leaders.refresh())
    }
  })

  test('is another one when all say so, and go on saying so', async () => {
    const { fake, leaders, attempt, outcome } = await looking(3, 1)
    await leaders.topic(leadTopic)
    fake.topicId = 'another'
    await outcome(leaders.refresh())
    const same = sameTopic(attempt, leaders, { ...split(0), offset: 5, topicId: 'id' })
    expect(await outcome(same, 2_500)).toBe('nothing yet')
    expect(await outcome(same)).toMatchObject({ code: 'TOPIC_RECREATED', where: { offset: 5 } })
  })
})

describe('offsets', () => {
  test('are asked for elsewhere when a leader is gone', async () => {
    const { fake, leaders, attempt, outcome, clock, notices } = await looking(2, 2)
    await leaders.topic(leadTopic)
    for (const its of fake.partitions) its.log = [{ epoch: 0, bytes: 1 }]
    fake.before = (node) => (node === 1 ? lost() : undefined)
    clock.setTimeout(() => Object.assign(fake.partitions[0] ?? {}, { leader: 2, epoch: 1 }), 7_000)
    const found = splitOffsets(attempt, fake.connections, leaders, [split(0), split(1)], latest)
    expect(await outcome(found)).toEqual([1, 1])
    expect(notices).toMatchObject([{ type: 'partition-unavailable', partition: 0 }])
  })

  test('of a leader of another epoch are not believed', async () => {
    const { fake, leaders, attempt, outcome } = await looking(2, 1)
    await leaders.topic(leadTopic)
    // The same node leads again, in another epoch: it has truncated its log meanwhile.
    fake.partitions[0] = { leader: 1, epoch: 2, log: [{ epoch: 2, bytes: 1 }] }
    const asked: (number | undefined)[] = []
    const call = fake.connections.call
    fake.connections.call = (node, api, args) => {
      if (api.name === 'ListOffsets')
        asked.push((args as { partitions: { leaderEpoch?: number }[] }).partitions[0]?.leaderEpoch)
      return call(node, api, args)
    }
    expect(await outcome(splitOffsets(attempt, fake.connections, leaders, [split(0)], latest))).toEqual([1])
    expect(asked).toEqual([0, 2])
  })

  test('that cannot be had for two minutes end the attempt, with the reason', async () => {
    const { fake, leaders, attempt, outcome } = await looking(2, 1)
    await leaders.topic(leadTopic)
    fake.partitions[0] = { leader: -1, epoch: 1, log: [] }
    const found = splitOffsets(attempt, fake.connections, leaders, [split(0)], earliest)
    expect(await outcome(found, 115_000)).toBe('nothing yet')
    expect(await outcome(found)).toMatchObject({ code: 'NO_LEADER', consequence: 'retriable' })
  })
})

function nothing({ topics, ...rest }: ReturnType<ReturnType<typeof fakeLeaders>['now']>) {
  return { ...rest, topics: topics.map((topic) => ({ ...topic, errorCode: 3, topicId: '', partitions: [] })) }
}
