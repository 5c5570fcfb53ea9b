/** A job that begins from a savepoint: of its own, which goes back, or of another job. */
import { describe, expect, it } from 'vitest'
import { savepoints } from '../../../src/checkpoint/savepoints/savepoints.ts'
import type { EmbeddedLog } from '../../../src/embedded/embeddedLog.ts'
import { embeddedRepartition } from '../../../src/embedded/embeddedRepartition.ts'
import { embeddedSink } from '../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import type { JobOptions } from '../../../src/job/defineJob.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import type { ExecuteOptions } from '../../../src/job/execute.ts'
import { savepoint } from '../../../src/job/savepoints/savepointStart.ts'
import { savepointsOf } from '../../../src/job/savepoints/savepointsOf.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { scan } from '../../../src/operators/scan.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { temporaryLog, valuesOf } from '../../embedded/temporaryLog.ts'
import { spread, storageOf, until } from '../shards/spread.ts'

interface Shape {
  readonly name?: string
  readonly source?: string
  readonly operator?: string
  readonly repartitioned?: boolean
  readonly options?: JobOptions
}

/** Numbers the records of each word. */
function counting(log: EmbeddedLog, { name = 'counting', source, operator = 'count', ...shape }: Shape = {}): Job {
  return defineJob(
    name,
    ({ from, repartition }) => {
      const words = from(embeddedSource(log, { topic: 'in', value: text, ...(source ? { id: source } : {}) }))
      const byWord = words.pipe(keyBy((word) => word))
      const middle = embeddedRepartition(log, { name: 'words', partitions: 2, key: text, value: text })
      const keyed = shape.repartitioned ? byWord.pipe(repartition(middle)) : byWord
      return keyed.pipe(
        scan((count: string, word) => `${word}${Number(count.slice(1)) + 1}`, 'x0', { id: operator }),
        to(embeddedSink(log, { topic: 'out', value: text })),
      )
    },
    shape.options,
  )
}

async function ground(shards = 1) {
  const log = await temporaryLog({ in: 2, out: 2 })
  const clock = virtualClock()
  const storage = await storageOf()
  const out = () => [0, 1].flatMap((partition) => valuesOf(log, 'out', partition)).sort()
  const feed = (...words: readonly string[]) =>
    void log.append(
      'in',
      words.map((value) => ({ value, partition: value === 'a' ? 0 : 1 })),
    )
  const settings = { clock, storage, shards, checkpointing: { interval: 50 } }
  const run = (job: Job, options: Partial<ExecuteOptions> = {}) =>
    spread(job, { ...options, ...settings, ...('shards' in options ? { shards: options.shards ?? 1 } : {}) })
  /** Runs until so many results are there, and stops. */
  async function runs(job: Job, results: number, options: Partial<ExecuteOptions> = {}): Promise<void> {
    const running = run(job, options)
    await until(clock, () => running.ended() !== undefined || out().length >= results)
    expect(running.ended()).toBeUndefined()
    const end = running.handle.stop()
    await until(clock, () => running.ended() !== undefined)
    await end
  }
  async function ends(job: Job, options: Partial<ExecuteOptions> = {}) {
    const running = run(job, options)
    await until(clock, () => running.ended() !== undefined)
    return running.ended()
  }
  const keep = (job: Job, name: string) => savepointsOf(job, settings).keep(name)
  return { log, clock, storage, out, feed, run, runs, ends, keep }
}

describe.each([1, 2])('a job over %i shards', (shards) => {
  it('under another name goes on where the savepoint is, and does so once', async () => {
    const { log, feed, runs, keep, out } = await ground(shards)
    feed('a', 'b', 'a')
    await runs(counting(log), 3)
    await keep(counting(log), 'end')
    const from = savepoint('end', { job: 'counting' })
    feed('a', 'b')
    await runs(counting(log, { name: 'other' }), 5, { from })
    expect(out()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2'])
    feed('a')
    await runs(counting(log, { name: 'other' }), 6, { from })
    // The job that took it goes on as well.
    await runs(counting(log), 9)
    expect(out()).toEqual(['a1', 'a2', 'a3', 'a3', 'a4', 'a4', 'b1', 'b2', 'b2'])
  })

  it('under its own name goes back only with the lineage that it abandons, and does so once', async () => {
    const { log, feed, runs, ends, keep, out, storage } = await ground(shards)
    feed('a')
    await runs(counting(log), 1)
    await keep(counting(log), 'before-v2')
    feed('a', 'b')
    await runs(counting(log), 3)
    const from = savepoint('before-v2')
    const refused = await ends(counting(log), { from })
    expect(refused).toMatchObject({ code: 'LINEAGE_STANDS' })
    const [kept] = await savepoints(storage, 'counting')
    expect(`${(refused as Error).message}`).toContain(`abandonLineage: ['${kept?.lineage}']`)
    const back = { from, abandonLineage: kept?.lineage as string }
    await runs(counting(log), 5, back)
    expect(out()).toEqual(['a1', 'a2', 'a2', 'b1', 'b1'])
    feed('b')
    await runs(counting(log), 6, back)
    await runs(counting(log), 6, { from })
    expect(out()).toEqual(['a1', 'a2', 'a2', 'b1', 'b1', 'b2'])
  })

  it('from a savepoint that does not exist is refused, and leaves no trace', async () => {
    const { log, feed, runs, ends, storage, out } = await ground(shards)
    feed('a')
    expect(await ends(counting(log), { from: savepoint('none') })).toMatchObject({ code: 'SAVEPOINT_MISSING' })
    expect(await storage.list('counting/')).toEqual([])
    await runs(counting(log), 1)
    expect(out()).toEqual(['a1'])
  })

  it('from one with state or sources that it lacks is refused unless it says so, and leaves no trace', async () => {
    const { log, feed, runs, ends, keep, out, storage } = await ground(shards)
    feed('a')
    await runs(counting(log), 1)
    await keep(counting(log), 'end')
    const from = savepoint('end', { job: 'counting' })
    feed('a')
    const other = { name: 'other', operator: 'total', source: 'words' }
    const marks = () => storage.list('other/lineage/')
    expect(await ends(counting(log, other), { from })).toMatchObject({ code: 'SOURCE_MISSING' })
    expect(await marks()).toEqual([])
    const renamedFrom = { words: embeddedSource(log, { topic: 'in', value: text }).id }
    expect(await ends(counting(log, { ...other, options: { renamedFrom } }), { from })).toMatchObject({
      code: 'STATE_UNCLAIMED',
    })
    expect(await marks()).toEqual([])
    const named = { renamedFrom: { ...renamedFrom, total: 'count' } }
    await runs(counting(log, { ...other, options: named }), 2, { from })
    expect(out()).toEqual(['a1', 'a2'])
  })

  it('with repartition topics is refused, since their records are in no savepoint', async () => {
    const { log, feed, runs, ends, keep } = await ground(shards)
    feed('a')
    await runs(counting(log, { repartitioned: true }), 1)
    await keep(counting(log, { repartitioned: true }), 'end')
    const from = savepoint('end', { job: 'counting' })
    expect(await ends(counting(log, { repartitioned: true, name: 'other' }), { from })).toMatchObject({
      code: 'CANNOT_START_FROM_SAVEPOINT',
    })
  })
})

it('a job over another number of shards than the savepoint is refused', async () => {
  const { log, feed, runs, ends, keep } = await ground(2)
  feed('a')
  await runs(counting(log), 1)
  await keep(counting(log), 'end')
  const from = savepoint('end', { job: 'counting' })
  expect(await ends(counting(log, { name: 'other' }), { from, shards: 1 })).toMatchObject({
    code: 'CANNOT_START_FROM_SAVEPOINT',
  })
})
