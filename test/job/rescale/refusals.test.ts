/** What refuses another number of shards: before anything is written, so the old number still starts. */
import { describe, expect, it } from 'vitest'
import type { CheckpointStorage } from '../../../src/contracts/storage.ts'
import type { EmbeddedLog } from '../../../src/embedded/embeddedLog.ts'
import { embeddedRepartition } from '../../../src/embedded/embeddedRepartition.ts'
import { embeddedSink } from '../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import { defineJob, type Job, type JobOptions, type Pipeline } from '../../../src/job/defineJob.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { scan } from '../../../src/operators/scan.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { type VirtualClock, virtualClock } from '../../../src/testing/virtualClock.ts'
import { noWatermarks } from '../../../src/time/watermarks.ts'
import { temporaryLog, valuesOf } from '../../embedded/temporaryLog.ts'
import { spread, storageOf, until } from '../shards/spread.ts'

interface Ground {
  readonly log: EmbeddedLog
  readonly clock: VirtualClock
  readonly storage: CheckpointStorage
}

async function ground(): Promise<Ground> {
  const log = await temporaryLog({ in: 4, other: 4, out: 4 })
  return { log, clock: virtualClock(), storage: await storageOf() }
}

interface Variant {
  /** Whether each key has its partition. */
  readonly repartitioned?: boolean
  readonly source?: string
  readonly counter?: string
  readonly renamedFrom?: JobOptions['renamedFrom']
}

/** Counts words; `n` partitions of the input hold the same word. */
function counting(
  { log }: Ground,
  { repartitioned = true, source = 'in', counter = 'count', ...options }: Variant = {},
): Job {
  const counting: Pipeline = ({ from, repartition }) => {
    const middle = embeddedRepartition(log, { name: 'words', partitions: 4, key: text, value: text })
    const words = from(embeddedSource(log, { topic: source, value: text }), noWatermarks()).pipe(keyBy((word) => word))
    const spreadOut = repartitioned ? words.pipe(repartition(middle)) : words
    return spreadOut.pipe(
      scan((count: number) => count + 1, 0, { id: counter }),
      to(embeddedSink<number>(log, { topic: 'out', value: { encode: (n) => Buffer.from(`${n}`), decode: Number } })),
    )
  }
  return defineJob('counting', counting, options)
}

const out = ({ log }: Ground) => [0, 1, 2, 3].flatMap((partition) => valuesOf(log, 'out', partition))

/** Runs with so many shards until as many results are there. */
async function runs(on: Ground, job: Job, shards: number, results: number): Promise<void> {
  const running = spread(job, { ...on, shards, rescale: 'at-start', checkpointing: { interval: 100 } })
  await until(on.clock, () => running.ended() !== undefined || out(on).length >= results)
  expect(running.ended()).toBeUndefined()
  await running.handle.stop()
}

async function endOf(on: Ground, job: Job, shards: number) {
  const running = spread(job, { ...on, shards, rescale: 'at-start', checkpointing: { interval: 100 } })
  await until(on.clock, () => running.ended() !== undefined)
  return running.ended()
}

const words = (on: Ground) =>
  on.log.append(
    'in',
    ['a', 'b', 'c', 'd'].flatMap((value) => [0, 1, 2, 3].map((partition) => ({ value, partition }))),
  )

describe('another number of shards is refused', { timeout: 30_000 }, () => {
  it('where equal keys may be in several shards, and the old number goes on', async () => {
    const on = await ground()
    words(on)
    const job = counting(on, { repartitioned: false })
    await runs(on, job, 2, 16)
    expect(await endOf(on, job, 3)).toMatchObject({ code: 'STATE_HAS_NO_SLOT', where: { operator: 'count' } })
    words(on)
    await runs(on, job, 2, 32)
    // Each of two shards has counted each word for itself.
    expect(out(on).toSorted()).toEqual(['1', '2', '3', '4'].flatMap((n) => Array(8).fill(n)))
  })

  it.each<readonly [string, Variant, number, string]>([
    ['the job has no such source any more', { source: 'other' }, 3, 'SOURCE_MISSING'],
    ['the job no longer has an operator with state', { counter: 'sum' }, 3, 'STATE_UNCLAIMED'],
    ['no source has as many partitions', {}, 5, 'TOO_MANY_SHARDS'],
  ])('where %s', async (_, variant, shards, code) => {
    const on = await ground()
    words(on)
    await runs(on, counting(on), 2, 16)
    expect(await endOf(on, counting(on, variant), shards)).toMatchObject({ code })
    await runs(on, counting(on), 2, 16)
  })

  it('without `rescale`', async () => {
    const on = await ground()
    words(on)
    await runs(on, counting(on), 2, 16)
    const running = spread(counting(on), { ...on, shards: 3 })
    await until(on.clock, () => running.ended() !== undefined)
    expect(running.ended()).toMatchObject({ code: 'SHARDS_CHANGED' })
  })

  it('of a running job, which goes on with the old one', async () => {
    const on = await ground()
    words(on)
    const job = counting(on, { repartitioned: false })
    const running = spread(job, { ...on, shards: 2, rescale: 'at-start', checkpointing: { interval: 100 } })
    await until(on.clock, () => out(on).length >= 16)
    let refused: unknown
    running.handle.rescale?.(3).catch((error) => (refused = error))
    await until(on.clock, () => refused !== undefined)
    expect(refused).toMatchObject({ code: 'STATE_HAS_NO_SLOT' })
    words(on)
    await until(on.clock, () => out(on).length >= 32)
    await running.handle.stop()
  })
})

describe('a job with other names of its parts', { timeout: 30_000 }, () => {
  const moved = (on: Ground) =>
    out(on).toSorted().join() ===
    Array.from({ length: 8 }, (_, at) => Array(4).fill(`${at + 1}`))
      .flat()
      .toSorted()
      .join()

  it.each(['stop', 'rescale'] as const)(
    'gets another number of shards before its first checkpoint, by %s',
    async (how) => {
      const on = await ground()
      words(on)
      await runs(on, counting(on), 2, 16)
      words(on)
      const renamed = counting(on, { counter: 'sum', renamedFrom: { sum: 'count' } })
      if (how === 'stop') await runs(on, renamed, 3, 32)
      else {
        const running = spread(renamed, { ...on, shards: 2, rescale: 'at-start', checkpointing: { interval: 100 } })
        let settled: unknown
        await until(on.clock, () => running.events.filter(({ type }) => type === 'restored').length >= 2)
        running.handle.rescale?.(3).then(
          () => (settled = 'moved'),
          (error) => (settled = error),
        )
        await until(on.clock, () => running.ended() !== undefined || (settled !== undefined && out(on).length >= 32))
        expect([settled, running.ended()]).toEqual(['moved', undefined])
        await running.handle.stop()
      }
      expect(moved(on)).toBe(true)
      // And nothing is left of the former name.
      words(on)
      await runs(on, counting(on, { counter: 'sum' }), 3, 48)
    },
  )
})

describe('a job without a plan', { timeout: 30_000 }, () => {
  it('is spread over several shards, each key with its count', async () => {
    const on = await ground()
    words(on)
    const plain = spread(counting(on), { ...on, shards: 1, checkpointing: { interval: 100 } })
    await until(on.clock, () => out(on).length >= 16)
    await plain.handle.stop()
    words(on)
    await runs(on, counting(on), 3, 32)
    expect(out(on).toSorted()).toEqual(
      Array.from({ length: 8 }, (_, at) => Array(4).fill(`${at + 1}`))
        .flat()
        .toSorted(),
    )
  })
})
