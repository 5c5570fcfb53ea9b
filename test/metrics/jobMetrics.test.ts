import { describe, expect, it } from 'vitest'
import type { TransactionalSink } from '../../src/extend.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { exponentialDelay, fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { hasShard, metricNames, rowOf } from '../../src/metrics/metricList.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { scan } from '../../src/operators/scan.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { type VirtualClock, virtualClock } from '../../src/testing/virtualClock.ts'
import { boundedOutOfOrderness } from '../../src/time/watermarks.ts'
import { start, upper } from '../job/running.ts'
import { failingSink } from './failingSink.ts'
import { metricsOf } from './metricsOf.ts'

const job = { job: 'upper', shard: '0' }

describe('the metrics of a job', () => {
  it('count what sources emit, what operators and sinks take, and the lag', async () => {
    const from = memorySource<string>()
    from.push('a')
    const { handle, clock } = start(
      defineJob('upper', (builder) =>
        builder.from(from).pipe(
          map((value) => value),
          map((value) => value),
          to(memorySink<string>()),
        ),
      ),
    )
    await pass(clock, 10)
    from.push('b')
    const before = await metricsOf(handle)
    expect(before.value('source.lag', { topic: 'memory', partition: '0' })).toBe(1)
    await pass(clock, 10)
    const { value, one } = await metricsOf(handle)
    expect(one('source.records')).toEqual({
      name: 'source.records',
      labels: { ...job, source: 'memorySource:memory' },
      value: 2,
      unit: 'records',
      kind: 'counter',
    })
    expect(value('source.lag')).toBe(0)
    expect([value('operator.records', { operator: 'map' }), value('operator.records', { operator: 'map-2' })]).toEqual([
      2, 2,
    ])
    expect(value('sink.records', { sink: 'memorySink' })).toBe(2)
    expect(value('shard.running')).toBe(1)
  })

  it('show the event time of the source, of each partition, and of operators', async () => {
    const clock = virtualClock()
    await pass(clock, 100_000)
    const from = memorySource({
      ...{ partitions: [[40_000, 60_000], [70_000]], unbounded: true },
      timestamp: (value: number) => value,
    })
    const { handle } = start(
      defineJob('upper', (builder) =>
        builder.from(from, boundedOutOfOrderness(1_000)).pipe(
          map((value) => value),
          to(memorySink<number>()),
        ),
      ),
      { clock },
    )
    expect((await metricsOf(handle)).value('source.watermark')).toBeUndefined()
    await pass(clock, 100)
    const { value } = await metricsOf(handle)
    expect(value('source.watermark')).toBeCloseTo(58.999, 3)
    expect(value('source.watermark.delay')).toBeCloseTo(41.101, 3)
    expect(value('operator.watermark.delay', { operator: 'map' })).toBeCloseTo(41.101, 3)
    expect(value('source.partition.delay', { partition: '0' })).toBeCloseTo(40.1, 3)
    expect(value('source.partition.delay', { partition: '1' })).toBeCloseTo(30.1, 3)
  })

  it('show a partition that has never had a record by a delay that grows since the start', async () => {
    const clock = virtualClock()
    const from = memorySource({ partitions: [[1], []], timestamp: () => clock.now(), unbounded: true })
    const { handle } = start(
      defineJob('upper', (builder) => builder.from(from, boundedOutOfOrderness(0)).pipe(to(memorySink<number>()))),
      { clock },
    )
    await pass(clock, 60_000)
    const { value } = await metricsOf(handle)
    expect(value('source.partition.delay', { partition: '1' })).toBeCloseTo(60, 0)
    expect(value('source.watermark.delay')).toBeUndefined()
  })

  it('time the phases of checkpoints, and tell the number and the age of the last one', async () => {
    const from = memorySource<string>()
    const { handle, clock } = start(upper(from, slowSink(200)))
    await pass(clock, 500)
    from.push('a')
    await pass(clock, 600)
    expect((await metricsOf(handle)).value('checkpoint.underway')).toBeCloseTo(0.1, 1)
    await pass(clock, 900)
    const { value, one } = await metricsOf(handle)
    expect(value('checkpoint.number')).toBe(1)
    expect(one('checkpoint.phase', { phase: 'barrier' })).toMatchObject({ value: 0.2, distribution: { count: 1 } })
    expect(one('checkpoint.duration')?.distribution?.count).toBe(1)
    expect(value('operator.barrier', { operator: 'memorySink' })).toBeCloseTo(0.2, 1)
    await pass(clock, 30_000)
    // Idle: nothing is missing.
    expect((await metricsOf(handle)).value('checkpoint.age')).toBe(0)
  })

  it('name the operator for which the sources wait', async () => {
    const from = memorySource({ partitions: [Array.from({ length: 1_000 }, (_, at) => at)], maxInFlight: 10 })
    const clock = virtualClock()
    const slow = asyncMap((value: number) => new Promise<number>((done) => clock.setTimeout(() => done(value), 100)), {
      concurrency: 2,
    })
    const { handle } = start(
      defineJob('upper', (builder) => builder.from(from).pipe(slow, to(memorySink<number>()))),
      { clock },
    )
    await pass(clock, 2_000)
    const { value } = await metricsOf(handle)
    expect(value('operator.inflight', { operator: 'asyncMap' })).toBeGreaterThan(0)
    expect(value('operator.blocking', { operator: 'asyncMap' })).toBeGreaterThan(1.5)
    expect(value('operator.blocking', { operator: 'memorySink' })).toBe(0)
    expect(value('source.blocked')).toBeGreaterThan(1.5)
  })

  it('counts a wait that has not ended yet', async () => {
    const from = memorySource({ partitions: [[1, 2, 3, 4, 5, 6]], maxInFlight: 2 })
    const { handle, clock } = start(
      defineJob('upper', (builder) =>
        builder.from(from).pipe(
          asyncMap(() => new Promise<number>(() => undefined), { concurrency: 1 }),
          to(memorySink<number>()),
        ),
      ),
    )
    await pass(clock, 5_000)
    expect((await metricsOf(handle)).value('operator.blocking', { operator: 'asyncMap' })).toBeCloseTo(5, 0)
    await pass(clock, 5_000)
    expect((await metricsOf(handle)).value('operator.blocking', { operator: 'asyncMap' })).toBeCloseTo(10, 0)
  })

  it('count restarts by code, failed checkpoints, and go on counting over restarts', async () => {
    const from = memorySource<string>()
    from.push('a', 'b')
    const { handle, clock } = start(upper(from, failingSink(2)), { restart: fixedDelay({ attempts: 5, delay: 1_000 }) })
    await pass(clock, 10_000)
    const { value } = await metricsOf(handle)
    expect(value('shard.restarts', { code: 'PREPARE_FAILED' })).toBe(2)
    expect(value('checkpoint.failures', { code: 'PREPARE_FAILED' })).toBe(2)
    expect(value('shard.events', { event: 'restarting' })).toBe(2)
    expect(value('source.records')).toBe(6)
    expect(value('checkpoint.number')).toBe(1)
  })

  it('show the entries of keyed state, and about how many bytes they take', async () => {
    const from = memorySource<string>()
    for (let key = 0; key < 500; key++) from.push(`key ${key}`)
    const { handle, clock } = start(
      defineJob('upper', (builder) =>
        builder.from(from).pipe(
          keyBy((value) => value),
          scan((count: number) => count + 1, 0, { id: 'count' }),
          to(memorySink<number>()),
        ),
      ),
    )
    await pass(clock, 2_000)
    const { value } = await metricsOf(handle)
    const table = { operator: 'count', table: 'value:state' }
    expect(value('state.entries', table)).toBe(500)
    expect(value('state.bytes', table)).toBeGreaterThan(500 * 8)
    expect(value('state.bytes', table)).toBeLessThan(500 * 32)
  })

  it('count bad and late records by operator', async () => {
    const from = memorySource<string>()
    from.push('a', 'poison', 'b')
    const { handle, clock } = start(
      defineJob(
        'upper',
        (builder) =>
          builder.from(from).pipe(
            map((value) => {
              if (value === 'poison') throw new Error('no')
              return value
            }),
            to(memorySink<string>()),
          ),
        { onError: 'skip' },
      ),
    )
    await pass(clock, 10)
    expect((await metricsOf(handle)).value('operator.skipped', { operator: 'map' })).toBe(1)
  })

  it('have only names, kinds, units and labels of the list', async () => {
    const from = memorySource<string>()
    from.push('a')
    const { handle, clock } = start(upper(from, memorySink<string>()), { restart: exponentialDelay() })
    await pass(clock, 3_000)
    const all = await handle.metrics()
    for (const { name, kind, unit, labels } of all) {
      expect(metricNames).toContain(name)
      const row = rowOf(name)
      expect({ name, kind, unit }).toEqual({ name, kind: row.kind, unit: row.unit })
      const wanted = ['job', ...(hasShard(name) ? ['shard'] : []), ...row.labels]
      expect([name, ...Object.keys(labels).sort()]).toEqual([name, ...wanted.sort()])
    }
    for (const name of ['thread.busy', 'thread.heap', 'process.memory', 'job.ready', 'job.live'])
      expect(all.map((one) => one.name)).toContain(name)
  })
})

/** Moves the clock step by step, so that the job runs in between. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) await clock.advanceAsync(Math.min(50, left))
}

/** A sink whose `prepare` takes so long, ms. */
function slowSink(duration: number): TransactionalSink<string> {
  return {
    ...memorySink<string>(),
    open: async ({ clock }) => ({
      write: () => undefined,
      prepare: () => new Promise((done) => clock.setTimeout(() => done(null), duration)),
      close: async () => undefined,
    }),
  }
}
