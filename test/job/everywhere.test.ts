/** Sources that every shard reads in full, such as rules for all keys. */
import { describe, expect, it } from 'vitest'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import { embeddedRepartition } from '../../src/embedded/embeddedRepartition.ts'
import { embeddedSink } from '../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../src/embedded/embeddedSource.ts'
import { defineJob, type FromOptions, type Job } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { connect } from '../../src/operators/connect.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { to } from '../../src/operators/to.ts'
import { text } from '../../src/serde/text.ts'
import { samePartition } from '../../src/sinks/partitioner.ts'
import { mapState } from '../../src/state/mapState.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { noWatermarks } from '../../src/time/watermarks.ts'
import { temporaryLog, valuesOf } from '../embedded/temporaryLog.ts'
import { spread, storageOf, until } from './shards/spread.ts'

interface Options {
  readonly from?: FromOptions
  readonly rules?: 'topic' | 'memory' | 'merged' | 'repartition'
}

/** Each payment with the names of the rules that its shard knows. */
function judging(log: EmbeddedLog, { from: options = { everywhere: true }, rules: kind = 'topic' }: Options = {}): Job {
  return defineJob('judging', ({ from, repartition }) => {
    const source = embeddedSource(log, { topic: 'rules', value: text })
    const rules = () => {
      if (kind === 'memory') return from(memorySource(['r0']), noWatermarks(), options)
      const read = from(source, noWatermarks(), options)
      if (kind === 'merged')
        return merge(from(memorySource({ partitions: [[]] }), noWatermarks(), { everywhere: true }), read)
      if (kind === 'topic') return read
      const middle = embeddedRepartition(log, { name: 'rules', partitions: 2, key: text, value: text })
      return read.pipe(
        keyBy((rule) => rule),
        repartition(middle),
      )
    }
    return from(embeddedSource(log, { topic: 'payments', value: text })).pipe(
      keyBy((payment) => payment),
      connect(
        rules(),
        {
          broadcast: mapState<string, string>(),
          onBroadcast: (rule, { broadcast }) => broadcast.set(rule, rule),
          onElement: (payment, { broadcast }) => [
            `${payment} ${broadcast
              .entries()
              .map(([name]) => name)
              .sort()
              .join()}`,
          ],
        },
        { id: 'judge' },
      ),
      map((judged) => judged),
      to(embeddedSink(log, { topic: 'out', value: text, partitioner: samePartition })),
    )
  })
}

async function world(shards = 2) {
  const log = await temporaryLog({ rules: 1, payments: 2, out: 2 })
  const [clock, storage] = [virtualClock(), await storageOf()]
  await log.append('rules', [{ value: 'r0' }])
  const run = (job: Job) => spread(job, { clock, storage, shards, checkpointing: { interval: 100 } })
  const pay = (payment: string) =>
    log.append(
      'payments',
      [0, 1].map((partition) => ({ value: payment, partition })),
    )
  const judged = () => [0, 1].map((partition) => valuesOf(log, 'out', partition))
  return { log, clock, run, pay, judged }
}

type World = Awaited<ReturnType<typeof world>>

/** Pays until both shards know the rules: neither stream waits for the other. */
async function both({ clock, pay, judged }: World, rules: string): Promise<void> {
  for (let payment = 0; payment < 50; payment++) {
    await pay(`p${payment}`)
    const before = Math.min(...judged().map(({ length }) => length))
    await until(clock, () => Math.min(...judged().map(({ length }) => length)) > before)
    if (judged().every((all) => all.at(-1)?.endsWith(` ${rules}`))) return
  }
  expect(judged().map((all) => all.at(-1))).toEqual(rules)
}

describe('a broadcast source of one partition, with two shards', () => {
  it.each(['topic', 'memory'] as const)('is read by both if it is read everywhere: %s', async (rules) => {
    const here = await world()
    here.run(judging(here.log, { rules }))
    await both(here, 'r0')
  })

  it.each([
    ['a topic', {}],
    ['one of several that are merged', { rules: 'merged' as const }],
    ['a repartition topic, whatever is in front of it', { rules: 'repartition' as const, from: { everywhere: true } }],
  ])('is refused where only one of them would read it, before anything is committed: %s', async (_, options) => {
    const { log, clock, run, pay, judged } = await world()
    await pay('p')
    const running = run(judging(log, { from: {}, ...options }))
    await until(clock, () => running.ended() !== undefined)
    expect(running.ended()).toMatchObject({ code: 'BROADCAST_IN_PART', consequence: 'fatal' })
    expect(judged()).toEqual([[], []])
  })

  it('is read by one of them only if the job says so', async () => {
    const { log, clock, run, pay, judged } = await world()
    run(judging(log, { from: { everywhere: false } }))
    for (let payment = 0; payment < 10; payment++) {
      await pay(`p${payment}`)
      await until(clock, () => judged().every(({ length }) => length > payment))
    }
    const [zero, one] = judged()
    expect(zero?.at(-1)).toBe('p9 r0')
    expect(one?.at(-1)).toBe('p9 ')
  })

  it('is nothing to ask about with one shard', async () => {
    const here = await world(1)
    here.run(judging(here.log, { from: {} }))
    await both(here, 'r0')
  })

  it('continues at the position of each shard after a restart, and tells both of new rules', async () => {
    const here = await world()
    const first = here.run(judging(here.log))
    await both(here, 'r0')
    await first.handle.stop()
    await here.log.append('rules', [{ value: 'r1' }])
    const second = here.run(judging(here.log))
    await both(here, 'r0,r1')
    await second.handle.stop()
  })

  it('is read from its beginning by shards that did not read it before, and by one again afterwards', async () => {
    const here = await world()
    const first = here.run(judging(here.log, { from: { everywhere: false } }))
    await here.pay('before')
    await until(here.clock, () => here.judged().every(({ length }) => length > 0))
    await first.handle.stop()
    const second = here.run(judging(here.log))
    await both(here, 'r0')
    await second.handle.stop()
    await here.log.append('rules', [{ value: 'r1' }])
    here.run(judging(here.log, { from: { everywhere: false } }))
    for (let payment = 0; payment < 10; payment++) {
      const before = Math.min(...here.judged().map(({ length }) => length))
      await here.pay(`q${payment}`)
      await until(here.clock, () => here.judged().every(({ length }) => length > before))
    }
    expect(here.judged().map((all) => all.at(-1))).toEqual(['q9 r0,r1', 'q9 r0'])
  })
})

describe('the options of from', () => {
  it('are checked', async () => {
    const { log, run, clock } = await world()
    const running = run(judging(log, { from: { everywhere: 'yes' } as unknown as FromOptions }))
    await until(clock, () => running.ended() !== undefined)
    expect(running.ended()).toMatchObject({ code: 'BAD_OPTION' })
  })

  it('do not make a source that all shards read count for their number', async () => {
    const log = await temporaryLog({ rules: 8, payments: 1, out: 1 })
    const running = spread(judging(log), { clock: virtualClock(), storage: await storageOf(), shards: 2 })
    await expect(running.handle.done).rejects.toMatchObject({ code: 'TOO_MANY_SHARDS' })
  })
})
