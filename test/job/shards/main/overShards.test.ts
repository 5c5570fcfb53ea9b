import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../../../src/checkpoint/memoryStorage.ts'
import { coreOf, type EmbeddedLog } from '../../../../src/embedded/embeddedLog.ts'
import { embeddedPlans } from '../../../../src/embedded/embeddedPlans.ts'
import { embeddedSink } from '../../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../../src/embedded/embeddedSource.ts'
import { defineJob } from '../../../../src/job/defineJob.ts'
import { execute } from '../../../../src/job/execute.ts'
import { noRestart } from '../../../../src/job/restart.ts'
import { memorySource } from '../../../../src/memory/memorySource.ts'
import { FatalError, RetriableError } from '../../../../src/openErrors.ts'
import { keyBy } from '../../../../src/operators/keyBy.ts'
import { merge } from '../../../../src/operators/merge.ts'
import { to } from '../../../../src/operators/to.ts'
import { window } from '../../../../src/operators/window.ts'
import { json } from '../../../../src/serde/json.ts'
import { text } from '../../../../src/serde/text.ts'
import { memorySink } from '../../../../src/sinks/memorySink.ts'
import { virtualClock } from '../../../../src/testing/virtualClock.ts'
import { monotonousTimestamps } from '../../../../src/time/watermarks.ts'
import { tumbling } from '../../../../src/time/windows.ts'
import { temporaryLog, valuesOf } from '../../../embedded/temporaryLog.ts'
import { upper as upperOf } from '../../running.ts'
import { spread, storageOf, until, upper } from '../spread.ts'

async function fed(partitions = 4): Promise<EmbeddedLog> {
  const log = await temporaryLog({ in: partitions, out: partitions })
  await feed(log, partitions, 'a', 'b')
  return log
}

async function feed(log: EmbeddedLog, partitions: number, ...values: string[]): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    await log.append(
      'in',
      values.map((value) => ({ value: `${value}${partition}`, partition })),
    )
  }
}

const output = (log: EmbeddedLog, partitions = 4) =>
  Array.from({ length: partitions }, (_, partition) => valuesOf(log, 'out', partition).join(' '))

const plansOf = (log: EmbeddedLog) => embeddedPlans(coreOf(log), 'upper')

const all = ['A0 B0', 'A1 B1', 'A2 B2', 'A3 B3']

describe('a job over several shards', () => {
  it('reads each partition in one of them, with its number modulo how many there are, and has finished once all have', async () => {
    const [log, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    const seen: string[] = []
    const job = upper(log, 'latest', (value) => {
      seen.push(value)
      return value.toUpperCase()
    })
    const running = spread(job, { clock, storage, shards: 3 })
    await until(clock, () => running.ended() !== undefined)
    expect(running.ended()).toEqual({ outcome: 'finished', checkpoint: 1 })
    expect(output(log)).toEqual(all)
    expect(seen.sort()).toEqual(['a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3'])
    const begun = (await storage.list('upper/lineage/')).map((key) => key.split('/').at(-1))
    expect(begun).toEqual(['intended', 'shard-0'])
  })

  it('starts all of them once the plan is written, tells events with their shard, and the end once', async () => {
    const [log, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    const running = spread(upper(log), { clock, storage, shards: 2 })
    await until(clock, () => running.started.length > 0)
    expect(running.started).toEqual([0, 1])
    expect((await plansOf(log).read())?.number).toBe(1)
    await until(clock, () => [0, 1].every((shard) => running.story(shard).includes('checkpoint-committed 1')))
    await running.handle.stop()
    expect(running.story()).toEqual([expect.stringMatching(/^stopped/)])
  })

  it('goes on in each of them where it was', async () => {
    const [log, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    const first = spread(upper(log, 'latest'), { clock, storage, shards: 2 })
    await until(clock, () => first.ended() !== undefined)
    await feed(log, 4, 'c')
    const second = spread(upper(log, 'latest'), { clock, storage, shards: 2 })
    await until(clock, () => second.ended() !== undefined)
    expect(output(log)).toEqual(['A0 B0 C0', 'A1 B1 C1', 'A2 B2 C2', 'A3 B3 C3'])
    expect(second.story(1)).toContain('restored 1')
  })

  it('takes a final checkpoint in each when it is stopped', async () => {
    const [log, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    const running = spread(upper(log), { clock, storage, shards: 2, checkpointing: { interval: 1_000_000 } })
    await until(clock, () => running.story(1).includes('restored 0'))
    const stopped = running.handle.stop()
    await until(clock, () => running.ended() !== undefined)
    expect(await stopped).toEqual({ outcome: 'stopped', checkpoint: 1 })
    expect(running.story(0)).toContain('checkpoint-committed 1')
    expect(running.story(1)).toContain('checkpoint-committed 1')
  })

  it('that is stopped before its plan is written starts none of them', async () => {
    const [log, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    const running = spread(upper(log), { clock, storage, shards: 2 })
    running.handle.stop()
    await until(clock, () => running.ended() !== undefined)
    expect(running.ended()).toEqual({ outcome: 'stopped', checkpoint: 0 })
    expect(running.started).toEqual([])
  })

  it('is cancelled as a whole, by its handle or by its signal', async () => {
    const [log, clock, storage, controller] = [await fed(), virtualClock(), await storageOf(), new AbortController()]
    const one = spread(upper(log), { clock, storage, shards: 2, signal: controller.signal })
    await until(clock, () => one.story(1).includes('restored 0'))
    controller.abort()
    await until(clock, () => one.ended() !== undefined)
    expect(one.ended()).toMatchObject({ outcome: 'cancelled' })
    expect(one.story()).toEqual([expect.stringMatching(/^cancelled/)])
  })

  it('restarts after a Retriable failure only the shard concerned', async () => {
    const [log, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    let failures = 1
    const job = upper(log, undefined, (value) => {
      if (value === 'b3' && failures-- > 0) throw new RetriableError('FLAKY', 'once')
      return value.toUpperCase()
    })
    const running = spread(job, { clock, storage, shards: 2 })
    await until(clock, () => running.story(1).includes('checkpoint-committed 1'))
    expect(running.story(1)).toContain('restarting')
    expect(running.story(0)).not.toContain('restarting')
    await running.handle.stop()
    expect(output(log)).toEqual(all)
  })

  it('ends at once in all of them when one gives up, with its error', async () => {
    const [log, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    const job = upper(log, undefined, (value) => {
      if (value === 'b1') throw new FatalError('POISON', 'it is bad')
      return value.toUpperCase()
    })
    const running = spread(job, { clock, storage, shards: 2, checkpointing: { interval: 1_000_000 } })
    await until(clock, () => running.ended() !== undefined)
    expect(running.ended()).toMatchObject({ code: 'POISON' })
    expect(running.story()).toEqual(['failed'])
    expect(output(log)).toEqual(['', '', '', ''])
  })

  it('lets a source without a partition in a shard hold back no watermark there', async () => {
    const [clock, storage] = [virtualClock(), await storageOf()]
    const log = await temporaryLog({ in: 2, few: 1, out: 1 })
    await log.append(
      'in',
      [0, 1_000, 20_000].map((timestamp) => ({ value: 'x', partition: 1, timestamp })),
    )
    const job = defineJob('counting', ({ from }) =>
      merge(
        from(embeddedSource(log, { topic: 'in', value: text }), monotonousTimestamps()),
        from(embeddedSource(log, { topic: 'few', value: text }), monotonousTimestamps()),
      ).pipe(
        keyBy((value) => value),
        window(tumbling(10_000)).process((elements) => elements.length, { id: 'windows' }),
        to(embeddedSink(log, { topic: 'out', value: json<number>() })),
      ),
    )
    const running = spread(job, { clock, storage, shards: 2 })
    await until(clock, () => valuesOf(log, 'out').length > 0)
    expect(valuesOf(log, 'out')).toEqual(['2'])
    await running.handle.cancel()
  })
})

describe('the number of shards', () => {
  const start = async (log: EmbeddedLog, storage: Awaited<ReturnType<typeof storageOf>>, shards: number) => {
    const clock = virtualClock()
    const running = spread(upper(log, 'latest'), { clock, storage, shards })
    await until(clock, () => running.ended() !== undefined)
    return running
  }

  it.each([
    [1, 2, 'the job has 1 shard, but was started with 2'],
    [2, 1, 'the job has 2 shards, but was started with 1'],
    [2, 3, 'the job has 2 shards, but was started with 3'],
  ])(
    '%i cannot become %i: that is told before anything is written, and the right number goes on',
    async (before, now, what) => {
      const [log, storage] = [await fed(), await storageOf()]
      expect((await start(log, storage, before)).ended()).toMatchObject({ outcome: 'finished' })
      await feed(log, 4, 'c')
      const keys = await storage.list('upper/')
      const wrong = await start(log, storage, now)
      expect(wrong.ended()).toMatchObject({ code: 'SHARDS_CHANGED', consequence: 'fatal', what })
      expect(wrong.started).toEqual(now === 1 ? [0] : [])
      expect(output(log)).toEqual(all)
      expect(await storage.list('upper/')).toEqual(keys)
      expect((await start(log, storage, before)).ended()).toMatchObject({ outcome: 'finished' })
      expect(output(log)).toEqual(['A0 B0 C0', 'A1 B1 C1', 'A2 B2 C2', 'A3 B3 C3'])
    },
  )

  it('is decided once where two start at once with different ones: one goes on, the other ends, nothing is lost or doubled', async () => {
    const [log, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    const pair = [1, 2, 4].map((shards) => spread(upper(log), { clock, storage, shards, restart: noRestart() }))
    await until(clock, () => pair.filter((one) => one.ended() !== undefined).length === 2)
    const [winner] = pair.filter((one) => one.ended() === undefined)
    await feed(log, 4, 'c')
    await until(clock, () => output(log).every((line) => line.includes('C')))
    for (const one of pair)
      if (one !== winner)
        expect(['SHARDS_CHANGED', 'OWNED_BY_ANOTHER', 'LEDGER_OVERTAKEN']).toContain((one.ended() as FatalError).code)
    await winner?.handle.stop()
    expect(output(log)).toEqual(['A0 B0 C0', 'A1 B1 C1', 'A2 B2 C2', 'A3 B3 C3'])
  })

  it('is the same in two executions: the newer one takes all shards over, and the older one ends', async () => {
    const [log, clock, storage] = [await fed(), virtualClock(), await storageOf()]
    const older = spread(upper(log), { clock, storage, shards: 2 })
    await until(clock, () => older.story(1).includes('checkpoint-committed 1'))
    const newer = spread(upper(log), { clock, storage, shards: 2 })
    await until(clock, () => newer.story(1).includes('restored 1'))
    // Without any input, the older one would notice within a minute.
    await feed(log, 4, 'c')
    await until(clock, () => older.ended() !== undefined && newer.story(1).includes('checkpoint-committed 2'))
    expect(older.ended()).toMatchObject({ code: 'OWNED_BY_ANOTHER' })
    expect(newer.ended()).toBeUndefined()
    await newer.handle.stop()
    expect(output(log)).toEqual(['A0 B0 C0', 'A1 B1 C1', 'A2 B2 C2', 'A3 B3 C3'])
  })

  it.each([0, 1.5, 257, Number.NaN])('cannot be %d', async (shards) => {
    const [log, storage] = [await fed(), await storageOf()]
    expect(() => execute(upper(log), { storage, shards })).toThrow(/BAD_OPTION: execute: shards/)
  })

  it('may not exceed the partitions of every source: that is told before anything is written', async () => {
    const [log, storage] = [await fed(2), await storageOf()]
    expect((await start(log, storage, 3)).ended()).toMatchObject({ code: 'TOO_MANY_SHARDS', consequence: 'fatal' })
    expect((await start(log, storage, 2)).ended()).toMatchObject({ outcome: 'finished' })
  })

  it.each([
    ['a source in memory', { source: true }, /source or sink does not support shards.*Use topics/s],
    ['a sink in memory', { sink: true }, /source or sink does not support shards.*Use topics/s],
    ['a storage in memory', { storage: true }, /checkpoints are stored in .*memory.*Use a storage/s],
  ])(
    'may not be more than 1 with %s',
    async (_, memory: { source?: boolean; sink?: boolean; storage?: boolean }, why) => {
      const [log, clock] = [await fed(), virtualClock()]
      const from = memory.source ? memorySource<string>() : embeddedSource(log, { topic: 'in', value: text })
      const into = memory.sink ? memorySink<string>() : embeddedSink(log, { topic: 'out', value: text })
      const storage = memory.storage ? memoryStorage() : await storageOf()
      const running = spread(upperOf(from, into), { clock, storage, shards: 2 })
      await until(clock, () => running.ended() !== undefined)
      expect(running.ended()).toMatchObject({ code: 'CANNOT_BE_SPREAD', consequence: 'fatal' })
      expect(String(running.ended())).toMatch(why)
    },
  )
})
