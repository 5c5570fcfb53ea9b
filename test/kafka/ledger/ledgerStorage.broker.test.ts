/** Snapshots in Kafka itself, beside the ledger: no disk, no bucket. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Clock } from '../../../src/attempt.ts'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { stateTopicName } from '../../../src/checkpoint/names.ts'
import { systemClock } from '../../../src/clock.ts'
import type { CheckpointStorage } from '../../../src/contracts/storage.ts'
import { defineJob, type Job, type JobOptions } from '../../../src/job/defineJob.ts'
import { execute, type JobHandle } from '../../../src/job/execute.ts'
import { noRestart } from '../../../src/job/restart.ts'
import { ledgerStorage } from '../../../src/kafka/ledger/ledgerStorage.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { memorySource } from '../../../src/memory/memorySource.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { mapWithState } from '../../../src/operators/mapWithState.ts'
import { to } from '../../../src/operators/to.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import { collect } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('ledgerStorage', { timeout: 120_000 }, () => {
  let topics: Topics
  const running = new Set<JobHandle>()

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })
  afterEach(async () => {
    for (const handle of running) await handle.cancel().catch(() => undefined)
    running.clear()
  })
  afterAll(() => topics.close())

  interface Counting {
    readonly name: string
    readonly source: string
    readonly sink: string
    /** Kept beside each count. */
    readonly bytes: number
    readonly id?: string
    readonly renamedFrom?: JobOptions['renamedFrom']
    readonly until?: 'latest'
  }

  const partsOf = async (bytes: number): Promise<Counting> => {
    return { bytes, name: topics.name('job'), source: await topics.create(), sink: await topics.create() }
  }

  /** Counts records by key. */
  function counting({ name, source, sink, bytes, id = 'count', renamedFrom = {}, until }: Counting): Job {
    const padding = 'x'.repeat(bytes)
    return defineJob(
      name,
      ({ from }) =>
        from(kafkaSource(topics.cluster, { topic: source, value: text, until })).pipe(
          keyBy((value) => value),
          mapWithState(
            ({ count }, value) => [{ count: count + 1, padding: `${padding}${value}` }, `${value}${count + 1}`],
            { count: 0, padding: '' },
            { id },
          ),
          to(kafkaSink(topics.cluster, { topic: sink, value: text })),
        ),
      { renamedFrom },
    )
  }

  function start(job: Job, storage: CheckpointStorage = ledgerStorage(), clock: Clock = systemClock) {
    const handle = execute(job, { storage, clock, restart: noRestart(), checkpointing: { interval: 100 } })
    running.add(handle)
    const sizes: number[] = []
    let [committed, triggered] = [0, 0]
    handle.events$.subscribe((event) => {
      if (event.type === 'checkpoint-stored') sizes.push(event.bytes)
      if (event.type === 'checkpoint-triggered') triggered += 1
      if (event.type === 'checkpoint-committed') committed = event.checkpoint
    })
    handle.done.catch(() => undefined)
    return { handle, sizes, committed: () => committed, triggered: () => triggered }
  }

  /** Processes what is left: a job that is stopped has not read all that was fed. */
  const rest = (parts: Counting): Promise<unknown> => start(counting({ ...parts, until: 'latest' })).handle.done

  /** Feeds it meanwhile: a job that has nothing to do takes no checkpoint. Returns how many records that took. */
  async function feedUntil(reached: () => boolean, source: string): Promise<number> {
    let fed = 0
    for (; !reached(); fed++) await topics.append(source, ['fed'])
    return fed
  }

  const fedTexts = (fed: number): readonly string[] => Array.from({ length: fed }, (_, at) => `fed${at + 1}`)

  it.each([
    ['small state in the ledger entry, and makes no other topic', 10, false],
    ['large state as records in the transactions that decide it', 300_000, true],
  ])('keeps %s', async (_, bytes, hasTopic) => {
    const parts = await partsOf(bytes)
    const { name, source, sink } = parts
    const job = counting(parts)
    const inputs = ['a', 'b', 'a', 'c', 'd', 'e', 'a']
    await topics.append(source, inputs)
    const first = start(job)
    let fed = await feedUntil(() => first.committed() > 2, source)
    await first.handle.stop()
    if (hasTopic) expect(Math.max(...first.sizes)).toBeGreaterThan(5 * bytes)
    // A second time, and a third: each goes on from what the one before has stored.
    for (const more of [
      ['a', 'b'],
      ['a', 'f'],
    ]) {
      await topics.append(source, more)
      const next = start(job)
      fed += await feedUntil(() => next.committed() > 0 && next.sizes.length > 2, source)
      await next.handle.stop()
    }
    await rest(parts)
    const out: StreamRecord<string>[] = []
    const reading = () => kafkaSource(topics.cluster, { topic: sink, value: text, until: 'latest' })
    await execute(collect(topics.name('reader'), reading, out), { storage: memoryStorage() }).done
    const isFed = ({ value }: StreamRecord<string>) => value.startsWith('fed')
    expect(out.filter(isFed).map(({ value }) => value)).toEqual(fedTexts(fed))
    const others = out.filter((record) => !isFed(record))
    expect(others.map(({ value }) => value).sort()).toEqual([
      'a1',
      'a2',
      'a3',
      'a4',
      'a5',
      'b1',
      'b2',
      'c1',
      'd1',
      'e1',
      'f1',
    ])
    const names = await topics.admin.listTopics()
    expect(names.some((one) => one.includes(name.replaceAll('-', '--')) || one.endsWith(`${name}-state`))).toBe(
      hasTopic,
    )
  })

  /** What the job has written so far. */
  async function outputOf(sink: string): Promise<readonly string[]> {
    const out: StreamRecord<string>[] = []
    const reading = () => kafkaSource(topics.cluster, { topic: sink, value: text, until: 'latest' })
    await execute(collect(topics.name('reader'), reading, out), { storage: memoryStorage() }).done
    return out.map(({ value }) => value).sort()
  }

  it('deletes what no snapshot needs any more, and starts from what is left', async () => {
    const parts = await partsOf(100_000)
    const { name, source, sink } = parts
    const job = counting(parts)
    const stateTopic = stateTopicName('rxweft', name)
    const low = async () => Number((await topics.admin.fetchTopicOffsets(stateTopic))[0]?.low)
    await topics.append(source, ['a', 'b', 'c', 'a'])
    let ahead = 0
    const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + ahead }
    const first = start(job, ledgerStorage(), clock)
    let fed = await feedUntil(() => first.committed() > 3, source)
    expect(await low()).toBe(0)
    // Half a minute later.
    ahead = 31_000
    let purged = 0
    while (purged === 0) {
      await topics.append(source, ['fed'])
      fed += 1
      purged = await low()
    }
    await first.handle.stop()
    await topics.append(source, ['a', 'b', 'd'])
    const next = start(job)
    fed += await feedUntil(() => next.committed() > 0 && next.sizes.length > 1, source)
    await next.handle.stop()
    await rest(parts)
    expect(await outputOf(sink)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'c1', 'd1', ...fedTexts(fed)].sort())
  })

  it('goes on exactly once where it ends in the middle of a large snapshot', async () => {
    const parts = await partsOf(300_000)
    const { source, sink } = parts
    const job = counting(parts)
    const keys = Array.from({ length: 10 }, (_, at) => `k${at}-`)
    const rounds = 3
    for (let round = 1; round < rounds; round++) {
      await topics.append(source, keys)
      const one = start(job)
      while (one.triggered() < round) await new Promise((resolve) => setTimeout(resolve, 1))
      await one.handle.cancel().catch(() => undefined)
    }
    await topics.append(source, keys)
    const last = start(job)
    const fed = await feedUntil(() => last.committed() > 0 && last.sizes.length > 1, source)
    await last.handle.stop()
    const counts = Array.from({ length: rounds }, (_, at) => at + 1)
    await rest(parts)
    expect(await outputOf(sink)).toEqual(
      [...keys.flatMap((key) => counts.map((count) => `${key}${count}`)), ...fedTexts(fed)].sort(),
    )
  })

  it('keeps large state of an operator that gets another id, again and again', async () => {
    const parts = await partsOf(300_000)
    const { source, sink } = parts
    const keys = Array.from({ length: 10 }, (_, at) => `k${at}-`)
    const ids = ['count', 'total', 'sum', 'count']
    let fed = 0
    for (const [at, id] of ids.entries()) {
      await topics.append(source, keys)
      const former = ids[at - 1]
      const job = counting({ ...parts, id, renamedFrom: former === undefined ? {} : { [id]: former } })
      const one = start(job)
      fed += await feedUntil(() => one.committed() > 0 && one.sizes.length > 1, source)
      // The state is stored whole with its new name, and so it is in the ledger before anything else is.
      await one.handle.stop()
    }
    const counts = ids.map((_, at) => at + 1)
    await rest(parts)
    expect(await outputOf(sink)).toEqual(
      [...keys.flatMap((key) => counts.map((count) => `${key}${count}`)), ...fedTexts(fed)].sort(),
    )
  })

  it('is refused where the ledger is not in Kafka', async () => {
    const job = defineJob(topics.name('job'), ({ from }) => from(memorySource(['a'])).pipe(to(memorySink<string>())))
    const { handle } = start(job)
    await expect(handle.done).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })
})
