/**
 * Event time behind a repartition topic: records of one shard must not make later records of
 * another one late.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Plan } from '../../src/contracts/plan.ts'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import { embeddedRepartition } from '../../src/embedded/embeddedRepartition.ts'
import { embeddedSink } from '../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../src/embedded/embeddedSource.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import type { JobEvent } from '../../src/job/events.ts'
import type { ExecuteOptions } from '../../src/job/executeOptions.ts'
import { execution, type ShardIdentity } from '../../src/job/execution.ts'
import type { JobResult, RunningJob } from '../../src/job/jobHandle.ts'
import { planning } from '../../src/job/planning.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import { to } from '../../src/operators/to.ts'
import { window } from '../../src/operators/window.ts'
import { json } from '../../src/serde/json.ts'
import { text } from '../../src/serde/text.ts'
import { type VirtualClock, virtualClock } from '../../src/testing/virtualClock.ts'
import { boundedOutOfOrderness, monotonousTimestamps, type WatermarkStrategy } from '../../src/time/watermarks.ts'
import { tumbling } from '../../src/time/windows.ts'
import { temporaryLog, valuesOf } from '../embedded/temporaryLog.ts'
import { storageOf, until } from './shards/spread.ts'

const shards = 2
const keys = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay']

interface Options {
  readonly strategy?: WatermarkStrategy<unknown>
  readonly source?: WatermarkStrategy<unknown>
  readonly until?: 'latest'
}

/** Counts per key and ten seconds, behind a topic; late values go to a topic of their own. */
function counting(log: EmbeddedLog, { strategy, source = monotonousTimestamps(), until: end }: Options = {}): Job {
  const middle = embeddedRepartition(log, { name: 'by-key', partitions: 4, key: text, value: json<string>() })
  return defineJob('counting', ({ from, repartition }) => {
    const late = sideOutput<string>()
    const counts = from(embeddedSource(log, { topic: 'in', value: text, until: end }), source).pipe(
      keyBy((value) => value),
      repartition(middle, strategy),
      window(tumbling(10_000), { late }).process(
        (values, { key, window: { start } }) => `${key} ${start} ${values.length}`,
        { id: 'windows' },
      ),
      to(embeddedSink(log, { topic: 'out', value: text })),
    )
    return [counts, late.pipe(to(embeddedSink(log, { topic: 'late', value: text })))]
  })
}

interface Shard {
  readonly handle: RunningJob
  readonly events: readonly JobEvent[]
  readonly end: JobResult | undefined
}

/** Each of them can be started and cancelled alone. */
async function world(partitions = shards) {
  const [log, clock, storage] = [
    await temporaryLog({ in: partitions, out: 4, late: 4 }),
    virtualClock(),
    await storageOf(),
  ]
  const me = randomUUID()
  const options = {
    ...{ clock, storage, checkpointing: { interval: 100 }, restart: fixedDelay({ attempts: 50, delay: 10 }) },
  }
  const plan = await planned(log, me, options)
  const start = (shard: number, job: Job): Shard => started(job, options, { execution: me, shard, shards, plan })
  /** A record of each key, at each of these times. */
  const feed = (partition: number, ...times: readonly number[]) =>
    log.append(
      'in',
      times.flatMap((timestamp) => keys.map((value) => ({ value, timestamp, partition }))),
    )
  return { log, clock, start, feed }
}

/** The plan gives both shards to this execution; a shard may start long after it. */
async function planned(log: EmbeddedLog, me: string, options: ExecuteOptions): Promise<Plan> {
  const { signal } = new AbortController()
  const plan = planning(counting(log), options, { execution: me, shards })
  return (await plan({ stopping: signal, cancelling: signal }, () => undefined)) as Plan
}

function started(job: Job, options: ExecuteOptions, identity: ShardIdentity): Shard {
  const handle = execution(job, options, identity)
  const events: JobEvent[] = []
  let end: JobResult | undefined
  handle.events$.subscribe((event) => events.push(event))
  handle.done.then(
    (result) => (end = result),
    () => undefined,
  )
  onTestFinished(() =>
    handle.cancel().then(
      () => undefined,
      () => undefined,
    ),
  )
  return {
    ...{ handle, events },
    get end() {
      return end
    },
  }
}

/** Virtual time, with real moments for files in between. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  const end = clock.now() + ms
  await until(clock, () => clock.now() >= end)
}

const all = (log: EmbeddedLog, topic: string) => [0, 1, 2, 3].flatMap((partition) => valuesOf(log, topic, partition))
const counted = (log: EmbeddedLog) => all(log, 'out').sort()
const times = (from: number, to: number) => Array.from({ length: (to - from) / 1_000 }, (_, at) => from + at * 1_000)
const expected = (count: number, ...starts: readonly number[]) =>
  keys.flatMap((key) => starts.map((start) => `${key} ${start} ${count}`)).sort()

describe('behind a repartition topic, records of a shard that was down', () => {
  it('are late if event time follows from the records, however early the others are', async () => {
    const { log, clock, start, feed } = await world()
    const job = counting(log, { strategy: monotonousTimestamps() })
    await feed(0, ...times(0, 50_000))
    await feed(1, ...times(0, 50_000))
    start(0, job)
    await until(clock, () => all(log, 'out').length >= keys.length / 2)
    start(1, job)
    await until(clock, () => all(log, 'late').length > 0)
  })

  it('are not late by default: the watermarks of all shards travel with the records', async () => {
    const { log, clock, start, feed } = await world()
    await feed(0, ...times(0, 51_000))
    await feed(1, ...times(0, 51_000))
    start(0, counting(log))
    await pass(clock, 5_000)
    expect(counted(log)).toEqual([])
    start(1, counting(log))
    const wanted = expected(20, 0, 10_000, 20_000, 30_000, 40_000)
    await until(clock, () => counted(log).length >= wanted.length)
    expect(counted(log)).toEqual(wanted)
    expect(all(log, 'late')).toEqual([])
  })

  it('are not late after it was killed and held down, nor after all were', async () => {
    const { log, clock, start, feed } = await world()
    const first = [start(0, counting(log)), start(1, counting(log))] as const
    for (const partition of [0, 1]) await feed(partition, ...times(0, 12_000))
    await until(clock, () => counted(log).length >= keys.length)
    await first[1].handle.cancel()
    await feed(0, ...times(12_000, 42_000))
    await feed(1, ...times(12_000, 32_000))
    await pass(clock, 5_000)
    await first[0].handle.cancel()
    start(0, counting(log))
    await pass(clock, 5_000)
    expect(counted(log)).toEqual(expected(20, 0))
    start(1, counting(log))
    const wanted = expected(20, 0, 10_000, 20_000)
    await until(clock, () => counted(log).length >= wanted.length)
    expect(counted(log)).toEqual(wanted)
    expect(all(log, 'late')).toEqual([])
  })
})

describe('behind a repartition topic, the watermark', () => {
  it('does not wait for an idle shard', async () => {
    const { log, clock, start, feed } = await world()
    const job = counting(log, { source: monotonousTimestamps().withIdleness(500) })
    start(0, job)
    start(1, job)
    await feed(1, 0)
    await feed(0, ...times(0, 31_000))
    await until(clock, () => counted(log).length >= 3 * keys.length)
    expect(all(log, 'late')).toEqual([])
  })

  it('does not wait for a shard without a partition of the source', async () => {
    const { log, clock, start, feed } = await world(1)
    await feed(0, ...times(0, 31_000))
    start(0, counting(log))
    start(1, counting(log))
    await until(clock, () => counted(log).length >= 3 * keys.length)
    expect(counted(log)).toEqual(expected(10, 0, 10_000, 20_000))
  })

  it('is in the checkpoint: an idle shard is still idle after a restart of the reader', async () => {
    const { log, clock, start, feed } = await world()
    const job = counting(log, { source: monotonousTimestamps().withIdleness(500) })
    const [zero, one] = [start(0, job), start(1, job)]
    await feed(1, 0)
    await feed(0, ...times(0, 11_000))
    await until(clock, () => counted(log).length >= keys.length)
    // It stays down, and its last word was that it is idle.
    await pass(clock, 3_000)
    await one.handle.cancel()
    await zero.handle.cancel()
    start(0, job)
    await feed(0, ...times(11_000, 21_000))
    // Half of the keys belong to the shard that is down.
    await until(clock, () => all(log, 'out').length > keys.length)
    expect(all(log, 'late')).toEqual([])
  })

  it('is written at most each second, and only if it has changed', async () => {
    const { log, clock, start, feed } = await world()
    start(0, counting(log))
    start(1, counting(log))
    for (let time = 0; time < 30; time++) {
      await feed(0, time * 100)
      await pass(clock, 100)
    }
    const markers = [...log.read('counting-by-key-repartition', 0)].filter(({ value }) => value?.length === 0)
    expect(markers.length).toBeGreaterThan(1)
    expect(markers.length).toBeLessThan(6)
    await pass(clock, 10_000)
    const later = [...log.read('counting-by-key-repartition', 0)].filter(({ value }) => value?.length === 0)
    expect(later.length - markers.length).toBeLessThan(2)
  })

  it('leaves no trace in the records: a header of its name is not the user’s', async () => {
    const { log, clock, start } = await world()
    const headers = [
      { name: 'rxweft-watermark', value: Buffer.from('{"slots":"0-511","of":512,"end":true}') },
      { name: 'mine', value: null },
    ]
    await log.append('in', [
      { value: 'ann', timestamp: 1, headers: headers.slice(0, 1) },
      { value: 'ann', timestamp: 2, headers },
      { value: 'ann', timestamp: 10_000 },
    ])
    const job = counting(log, { source: boundedOutOfOrderness(0).withIdleness(500) })
    start(0, job)
    start(1, job)
    await until(clock, () => counted(log).length > 0)
    expect(counted(log)).toEqual(['ann 0 2'])
    const kept = [0, 1, 2, 3].flatMap((partition) => [...log.read('counting-by-key-repartition', partition)])
    expect(kept.filter(({ value }) => value?.length !== 0).map(({ headers }) => headers)).toEqual([
      [],
      [{ name: 'mine', value: null }],
      [],
    ])
  })
})

describe('a job whose sources end, with a repartition topic', () => {
  it.each([
    ['its own event time', undefined],
    ['a strategy behind the topic', monotonousTimestamps().withIdleness(200)],
  ])('ends by itself with %s, once all shards have read the topic to its end', async (_, strategy) => {
    const { log, clock, start, feed } = await world()
    await feed(0, ...times(0, 30_000))
    await feed(1, ...times(0, 25_000))
    const job = counting(log, { ...(strategy && { strategy }), until: 'latest' })
    const both = [start(0, job), start(1, job)] as const
    await until(clock, () => both.every(({ end }) => end !== undefined))
    expect(both.map(({ end }) => end?.outcome)).toEqual(['finished', 'finished'])
    const total = counted(log).reduce((sum, line) => sum + Number(line?.split(' ')[2]), all(log, 'late').length)
    expect(total).toBe(55 * keys.length)
    if (strategy === undefined) expect(all(log, 'late')).toEqual([])
  })

  it('waits for a shard that starts late, and ends in the next run, too, with what is new', async () => {
    const { log, clock, start, feed } = await world()
    const job = counting(log, { until: 'latest' })
    await feed(0, 0)
    await feed(1, 0)
    const zero = start(0, job)
    await pass(clock, 5_000)
    expect(zero.end).toBeUndefined()
    const one = start(1, job)
    await until(clock, () => zero.end !== undefined && one.end !== undefined)
    expect(counted(log)).toEqual(expected(2, 0))
    await feed(1, 20_000)
    const second = [start(0, job), start(1, job)] as const
    await until(clock, () => second.every(({ end }) => end !== undefined))
    expect(counted(log)).toEqual([...expected(2, 0), ...expected(1, 20_000)].sort())
    expect(all(log, 'late')).toEqual([])
  })

  it('ends although a shard was killed after others had announced their end', async () => {
    const { log, clock, start, feed } = await world()
    const job = counting(log, { until: 'latest' })
    await feed(0, 0)
    const zero = start(0, job)
    await pass(clock, 5_000)
    // The end of shard 0 is in the topic and in its own state; it waits for shard 1.
    await zero.handle.cancel()
    const again = [start(0, job), start(1, job)] as const
    await until(clock, () => again.every(({ end }) => end !== undefined))
    expect(counted(log)).toEqual(expected(1, 0))
  })
})
