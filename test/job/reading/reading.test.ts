/** State that is read beside a job: of a savepoint, or of the newest checkpoint while it runs. */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { embeddedSink } from '../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import { jobState } from '../../../src/job/reading/jobState.ts'
import { readSavepoint } from '../../../src/job/reading/readSavepoint.ts'
import { savepointsOf } from '../../../src/job/savepoints/savepointsOf.ts'
import { ledgerStorage } from '../../../src/kafka/ledger/ledgerStorage.ts'
import { memorySource } from '../../../src/memory/memorySource.ts'
import { dedupe } from '../../../src/operators/dedupe.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { scan } from '../../../src/operators/scan.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { rejectionOf } from '../../../tools/support/thrown.ts'
import { temporaryLog } from '../../embedded/temporaryLog.ts'
import { start } from '../running.ts'
import { spread, storageOf, until } from '../shards/spread.ts'

function counting(version = 1) {
  const words = memorySource<string>()
  const job = defineJob('counting', ({ from }) =>
    from(words).pipe(
      keyBy((word) => word),
      version === 1
        ? scan((count: number) => count + 1, 0, { id: 'count' })
        : scan((count: number) => count + 1, 0, {
            id: 'count',
            version: 2,
            migrate: { 1: (n) => (n as number) * 100 },
          }),
      to(memorySink<number>()),
    ),
  )
  return { words, job }
}

describe('the state of a running job', () => {
  it('is that of its newest checkpoint, and follows it', async () => {
    const [clock, storage, { words, job }] = [virtualClock(), memoryStorage(), counting()]
    const running = start(job, { clock, storage })
    words.push('a', 'b', 'a')
    const counts = running.handle.state<number>('count')
    await clock.advanceAsync(1_500)
    expect(await counts.get('a')).toBe(2)
    words.push('a', 'c')
    // Not committed yet.
    expect(await counts.get('a')).toBe(2)
    await clock.advanceAsync(1_500)
    expect(await counts.get('a')).toBe(3)
    expect([...(await counts.keys())].sort()).toEqual(['a', 'b', 'c'])
    for (let round = 0; round < 30; round++) {
      words.push(`w${round}`, 'a')
      await clock.advanceAsync(1_000)
    }
    await clock.advanceAsync(1_500)
    expect(await counts.get('a')).toBe(33)
    expect(await counts.keys()).toHaveLength(33)
    expect(await counts.get('nobody')).toBeUndefined()
  })

  it('of an operator that does not exist, or before a checkpoint, is refused', async () => {
    const [clock, { words, job }] = [virtualClock(), counting()]
    const running = start(job, { clock })
    expect(await rejectionOf(running.handle.state('count').get('a'))).toMatchObject({ code: 'SAVEPOINT_TOO_EARLY' })
    words.push('a')
    await clock.advanceAsync(1_500)
    expect(await rejectionOf(running.handle.state('other').get('a'))).toMatchObject({ code: 'NO_SUCH_STATE' })
    expect(await rejectionOf(running.handle.state('count').map('a'))).toMatchObject({ code: 'WRONG_STATE_KIND' })
    const inLedger = jobState(job, { storage: ledgerStorage(), clock }).of('count')
    expect(await rejectionOf(inLedger.get('a'))).toMatchObject({ code: 'BAD_OPTION' })
  })

  it('over shards is one view of all of them', async () => {
    const [log, clock, storage] = [await temporaryLog({ in: 3, out: 3 }), virtualClock(), await storageOf()]
    const job = defineJob('seen', ({ from }) =>
      from(embeddedSource(log, { topic: 'in', value: text })).pipe(
        keyBy((word) => word),
        dedupe((word) => word, 1e9, { id: 'words' }),
        scan((count: number) => count + 1, 0, { id: 'count' }),
        to(embeddedSink<number>(log, { topic: 'out', value: { encode: (n) => Buffer.from(`${n}`), decode: Number } })),
      ),
    )
    const running = spread(job, { clock, storage, shards: 3, checkpointing: { interval: 100 } })
    const values = ['a', 'b', 'c', 'd', 'e', 'f']
    log.append(
      'in',
      values.map((value, at) => ({ value, partition: at % 3 })),
    )
    const counts = jobState(job, { storage, clock }).of<number>('count')
    let keys: readonly unknown[] = []
    const look = setInterval(() => {
      counts.keys().then(
        (found) => (keys = found),
        () => undefined,
      )
    }, 5)
    await until(clock, () => keys.length === values.length)
    clearInterval(look)
    await savepointsOf(job, { storage, clock, shards: 3 }).keep('all')
    await running.handle.stop()
    const saved = await readSavepoint(storage, { job, savepoint: 'all' })
    expect(saved.checkpoints).toHaveLength(3)
    expect([...saved.operators].sort()).toEqual(['count', 'words'])
    const found = [...saved.entries<number>('count')].map(({ key, value }) => `${key}${value}`)
    expect(found.sort()).toEqual(values.map((word) => `${word}1`))
  })
})

describe('a savepoint', () => {
  it('is read as it was, by another version of the job, which migrates it', async () => {
    const [clock, storage, { words, job }] = [virtualClock(), memoryStorage(), counting()]
    const running = start(job, { clock, storage })
    words.push('a', 'b', 'a')
    await clock.advanceAsync(1_500)
    await running.handle.savepoint('one')
    words.push('a')
    await clock.advanceAsync(1_500)
    const one = await readSavepoint(storage, { job, savepoint: 'one' })
    expect([...one.entries('count')]).toEqual([
      { key: 'a', sub: undefined, value: 2 },
      { key: 'b', sub: undefined, value: 1 },
    ])
    expect(one.state('count').get('a')).toBe(2)
    const migrated = await readSavepoint(storage, { job: counting(2).job, savepoint: 'one' })
    expect(migrated.state('count').get('a')).toBe(200)
    const newest = await readSavepoint(storage, { job })
    expect(newest.state('count').get('a')).toBe(3)
    expect(() => newest.entries('other')).toThrow(expect.objectContaining({ code: 'NO_SUCH_STATE' }))
    expect(await rejectionOf(readSavepoint(storage, { job, savepoint: 'two' }))).toMatchObject({
      code: 'SAVEPOINT_MISSING',
    })
  })
})
