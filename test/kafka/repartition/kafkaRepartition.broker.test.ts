/** What goes through a topic of a real broker: the topic, what is removed from it, and the ledger of a job over shards. Shards run in this thread. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { readCommitted } from '../../../examples/demo/readCommitted.ts'
import type { Clock } from '../../../src/attempt.ts'
import { ledgerTopicName, repartitionTopicName } from '../../../src/checkpoint/names.ts'
import { systemClock } from '../../../src/clock.ts'
import type { CheckpointStorage } from '../../../src/contracts/storage.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import { execution } from '../../../src/job/execution.ts'
import type { RunningJob } from '../../../src/job/jobHandle.ts'
import { planning } from '../../../src/job/planning.ts'
import { overShards } from '../../../src/job/shards/main/overShards.ts'
import { earliest, listOffsets } from '../../../src/kafka/protocol/listOffsets.ts'
import { kafkaRepartition } from '../../../src/kafka/repartition/kafkaRepartition.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { map } from '../../../src/operators/map.ts'
import { scan } from '../../../src/operators/scan.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { boundedOutOfOrderness } from '../../../src/time/watermarks.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { storageOf } from '../../job/shards/spread.ts'

const brokers = inject('brokers')
const day = 86_400_000

interface Setting {
  readonly name: string
  readonly job: Job
  readonly source: string
  readonly sink: string
  readonly through: string
  readonly ledger: string
  readonly storage: CheckpointStorage
}

interface Spread {
  readonly handle: RunningJob
  readonly events: readonly JobEvent[]
}

describe.skipIf(brokers.length === 0)('through a topic of Kafka', { timeout: 60_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterAll(() => topics.close())

  /** Counts words, of which there are already some in each partition of the input. */
  async function counting(partitions = 2, inputs = [0, 1], bounded?: { readonly daysAhead: number }): Promise<Setting> {
    const { cluster, name: nameOf } = topics
    const [name, prefix] = [nameOf('job'), nameOf('prefix')]
    const [source, sink] = [await topics.create(inputs.length), await topics.create(2)]
    for (const partition of inputs) await topics.append(source, ['a', 'b', 'c', 'd', 'a'], partition)
    const words = kafkaRepartition(cluster, {
      ...{ name: 'words', partitions, key: text, value: text, purgeInterval: 50, transactionalIdPrefix: prefix },
    })
    const ahead = (bounded?.daysAhead ?? 0) * day
    const timestamps = ahead > 0 ? 'now' : 'event'
    const watermarks = boundedOutOfOrderness(0).withTimestamps(() => Date.now() + ahead)
    const job = defineJob(name, ({ from, repartition }) =>
      from(kafkaSource(cluster, { topic: source, value: text, until: bounded && 'latest' }), watermarks).pipe(
        keyBy((word) => word),
        repartition(words),
        scan((count) => count + 1, 0, { id: 'counts' }),
        map((count, { key }) => `${key} ${count}`),
        to(kafkaSink(cluster, { topic: sink, value: text, timestamps, transactionalIdPrefix: prefix })),
      ),
    )
    const storage = await storageOf()
    const through = repartitionTopicName(prefix, name, 'words')
    return { name, job, source, sink, storage, through, ledger: ledgerTopicName(prefix, name) }
  }

  function start({ job, storage }: Setting, shards: number, clock?: Clock): Spread {
    const me = randomUUID()
    const options = { storage, checkpointing: { interval: 100 }, ...(clock === undefined ? {} : { clock }) }
    const handle = overShards(shards, () => planning(job, options, { execution: me, shards }), {
      start: (shard, plan) => execution(job, options, { execution: me, shard, shards, plan }),
    })
    const events: JobEvent[] = []
    handle.events$.subscribe((event) => events.push(event))
    handle.done.catch(() => undefined)
    onTestFinished(() =>
      handle.cancel().then(
        () => undefined,
        () => undefined,
      ),
    )
    return { handle, events }
  }

  const counted = async (topic: string, upTo: 'decided' | 'end' = 'decided') =>
    (await readCommitted(brokers, topic, upTo)).map(({ value }) => value).sort()
  const all = ['a 1', 'a 2', 'a 3', 'a 4', 'b 1', 'b 2', 'c 1', 'c 2', 'd 1', 'd 2']

  async function untilCounted(topic: string, count: number): Promise<void> {
    while ((await counted(topic)).length < count) await pause(50)
  }

  const shapeOf = async (topic: string) => {
    const { topics: found } = await topics.admin.fetchTopicMetadata({ topics: [topic] })
    return found[0]?.partitions.length
  }

  /** Where its partitions begin, added up. */
  async function beginning(topic: string): Promise<number> {
    const connections = await topics.cluster.connect('test')
    const [found] = (await connections.metadata([topic])).topics
    let sum = 0
    for (const { partition, leader } of found?.partitions ?? []) {
      const partitions = [{ topic, partition, timestamp: earliest }]
      const [offset] = await connections.call(leader, listOffsets, { isolation: 'read_uncommitted', partitions })
      sum += offset?.offset ?? 0
    }
    await connections.close()
    return sum
  }

  it.each([1, 2])(
    'words are counted by the shard that has them, of %i, and what was read is removed',
    async (shards) => {
      const setting = await counting()
      const { handle, events } = start(setting, shards)
      await untilCounted(setting.sink, all.length)
      expect(await counted(setting.sink)).toEqual(all)
      // The ten records, and markers. They are removed at checkpoints, and an idle job takes none.
      while ((await beginning(setting.through)) < 10) {
        for (const partition of [0, 1]) await topics.append(setting.source, ['more'], partition)
        await pause(50)
      }
      expect(await handle.stop()).toMatchObject({ outcome: 'stopped' })
      expect(events.filter(({ type }) => type === 'cleanup-failed')).toEqual([])
      const resources = [{ type: 2, name: setting.through, configNames: ['retention.ms'] }]
      const { resources: found } = await topics.admin.describeConfigs({ resources, includeSynonyms: false })
      expect(found[0]?.configEntries[0]?.configValue).toBe('-1')
      expect(await shapeOf(setting.ledger)).toBe(shards)
      const again = start(setting, shards)
      while (again.events.filter(({ type }) => type === 'checkpoint-committed').length < shards) await pause(20)
      await again.handle.stop()
      expect((await counted(setting.sink, 'end')).filter((one) => one?.startsWith('more ') !== true)).toEqual(all)
    },
  )

  it('a job refuses another number of shards, and a topic with another number of partitions', async () => {
    const setting = await counting()
    const first = start(setting, 1)
    await untilCounted(setting.sink, all.length)
    await first.handle.stop()
    const before = await counted(setting.sink)
    await expect(start(setting, 2).handle.done).rejects.toMatchObject({ code: 'SHARDS_CHANGED' })
    expect(await shapeOf(setting.ledger)).toBe(1)
    expect(await counted(setting.sink)).toEqual(before)
    const other = await counting(3)
    await topics.create(2, {}, other.through)
    await expect(start(other, 1).handle.done).rejects.toMatchObject({ code: 'REPARTITION_TOPIC_CHANGED' })
    expect(await topics.exists(other.ledger)).toBe(false)
  })

  it('a shard that has no partition of the input counts what comes through', async () => {
    const setting = await counting(2, [0])
    const { handle } = start(setting, 2)
    await untilCounted(setting.sink, 5)
    await handle.stop()
    expect(await counted(setting.sink)).toEqual(['a 1', 'a 2', 'b 1', 'c 1', 'd 1'])
  })

  it.each([1, -30])('markers of a machine whose clock is wrong by %i days are taken, so the job ends', async (days) => {
    const setting = await counting(2, [0, 1], { daysAhead: 0 })
    const clock = { ...systemClock, now: () => systemClock.now() + days * day }
    expect(await start(setting, 2, clock).handle.done).toMatchObject({ outcome: 'finished' })
    expect(await counted(setting.sink, 'end')).toEqual(all)
  })

  it('records whose event time lies days ahead pass', async () => {
    const setting = await counting(2, [0, 1], { daysAhead: 3 })
    expect(await start(setting, 2).handle.done).toMatchObject({ outcome: 'finished' })
    expect(await counted(setting.sink, 'end')).toEqual(all)
  })

  it('a ledger topic without an entry that has too few partitions gets the others', async () => {
    const setting = await counting()
    await topics.create(1, { 'cleanup.policy': 'compact', 'retention.ms': '604800000' }, setting.ledger)
    const { handle } = start(setting, 2)
    await untilCounted(setting.sink, all.length)
    await handle.stop()
    expect(await shapeOf(setting.ledger)).toBe(2)
    expect(await counted(setting.sink)).toEqual(all)
  })
})
