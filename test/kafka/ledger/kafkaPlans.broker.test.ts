import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { BadRecords } from '../../../src/attempt.ts'
import { planId, planTopicName } from '../../../src/checkpoint/names.ts'
import { checkpointSettings } from '../../../src/checkpoint/settings.ts'
import { abortController, systemClock } from '../../../src/clock.ts'
import type { PlanContext } from '../../../src/contracts/plan.ts'
import { attemptContext } from '../../../src/job/attemptContext.ts'
import { kafkaLedger } from '../../../src/kafka/ledger/kafkaLedger.ts'
import { rejectionOf } from '../../../tools/support/thrown.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { entryOf, genesis, type PlanGround, planOf, planStoreContract } from '../../contracts/planStoreContract.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('on a real broker', { timeout: 60_000 }, () => {
  let topics: Topics
  const open: { close(): Promise<void> }[] = []

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()))
  })

  afterAll(() => topics?.close())

  async function opened<A extends { close(): Promise<void> }>(made: Promise<A> | undefined): Promise<A> {
    if (made === undefined) throw new Error('the ledger has no plans')
    const one = await made
    open.push(one)
    return one
  }

  /** A ledger of its own each time, as in another process. */
  const ledger = () => kafkaLedger({ ...topics.cluster }, 'rxweft', undefined)

  function context(job: string): PlanContext {
    return { job, clock: systemClock, signal: abortController().signal, tell: () => undefined }
  }

  function ground(job = topics.name('job')): PlanGround & { readonly job: string } {
    const services = { ...context(job), probe: () => undefined, fail: () => undefined, badRecords: {} as BadRecords }
    const identity = { job, shards: 2, execution: 'e', attempt: 'a', allowDroppedState: false }
    const attempt = (shard: number) => attemptContext({ ...identity, shard }, checkpointSettings({}), services)
    return {
      job,
      plans: () => opened(ledger().plans?.(context(job))),
      session: (shard) => opened(ledger().open(attempt(shard))),
    }
  }

  planStoreContract('a plan in a topic', async () => ground())

  it('is in a compacted topic of two partitions, under a key and a transactional id of its own', async () => {
    const { job, plans } = ground()
    const topic = planTopicName('rxweft', job)
    const store = await plans()
    expect(await store.read()).toBeNull()
    expect(await topics.exists(topic)).toBe(false)
    await store.write(planOf(1, 'a'), genesis())
    const { topics: found } = await topics.admin.fetchTopicMetadata({ topics: [topic] })
    expect(found[0]?.partitions.length).toBe(2)
    const resources = [{ type: 2, name: topic, configNames: ['cleanup.policy'] }]
    const { resources: configs } = await topics.admin.describeConfigs({ resources, includeSynonyms: false })
    expect(configs[0]?.configEntries[0]?.configValue).toBe('compact')
    expect(planId('rxweft', job)).toBe(`rxweft/${job}/plan`)
  })

  it('fences the shards whose entries it replaces, and no others', async () => {
    const { plans, session } = ground()
    const store = await plans()
    await store.write(planOf(1, 'a'), genesis())
    const sessions = [await session(0), await session(1)]
    for (const one of sessions) await one.fence()
    const only = { shards: [1], replace: () => new Map([[1, entryOf(1, 3, { plan: 2 })]]) }
    await store.write(planOf(2, 'a'), only)
    await sessions[0]?.commit(entryOf(0, 0, { owner: 'b' }), true)
    const error = await rejectionOf(sessions[1]?.commit(entryOf(1, 0), true) as Promise<void>)
    expect(error.consequence).toBe('fenced')
    expect(await store.entry(0)).toMatchObject({ owner: 'b' })
    expect(await store.entry(1)).toMatchObject({ checkpoint: 3 })
  })

  it('ends what a shard has left open that is emptied, so that nothing holds up readers of its partitions', async () => {
    const { plans, session } = ground()
    const store = await plans()
    await store.write(planOf(1, 'a'), genesis())
    const emptied = await session(1)
    await emptied.fence()
    const gone = {
      shards: [0, 1],
      replace: () => new Map([0, 1].map((shard) => [shard, entryOf(shard, 3, { plan: 2 })])),
    }
    await store.write({ ...planOf(2, 'a', 1), slots: planOf(1, 'a').slots.map(() => 0) }, gone)
    const error = await rejectionOf(emptied.commit(entryOf(1, 4), true))
    expect(error.consequence).toBe('fenced')
  })
})
