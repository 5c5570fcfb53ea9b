/**
 * Jobs over a bucket that end at each of their requests, and buckets that are at fault. A proxy of its own for each run stands for the
 * network of its process: once that is gone, the run reaches nothing any more, as if it had been killed or cut off.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { embeddedSink } from '../../src/embedded/embeddedSink.ts'
import type { JobEvent } from '../../src/job/events.ts'
import { execute, type JobHandle } from '../../src/job/execute.ts'
import type { ExecuteOptions } from '../../src/job/executeOptions.ts'
import { exponentialDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { s3Storage } from '../../src/s3/index.ts'
import { text } from '../../src/serde/text.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { whyNoS3 } from '../../tools/s3/motoServer.ts'
import { temporaryLog, valuesOf } from '../embedded/temporaryLog.ts'
import { upperWithState } from '../job/running.ts'
import { type Buckets, openBuckets, quickClientOf } from './bucket.ts'
import { faultyProxy, pass } from './faultyProxy.ts'

const reason = await whyNoS3()
if (reason !== null) console.warn(`skipped: ${reason}`)

const turn = (ms = 5) => new Promise<void>((resolve) => setTimeout(resolve, ms))

describe.skipIf(reason !== null)('a job over a bucket', { timeout: 400_000 }, () => {
  let buckets: Buckets

  beforeAll(async () => {
    buckets = await openBuckets()
  }, 300_000)
  afterAll(() => buckets?.close())

  /** The storage of one process, and the network that it reaches the bucket by. */
  async function process(bucket: string) {
    const proxy = await faultyProxy(buckets.port)
    const client = quickClientOf(proxy.endpoint)
    const storage: CheckpointStorage = { ...s3Storage(client, { bucket }), inline: 0 }
    return {
      ...{ proxy, storage },
      async close() {
        client.destroy()
        await proxy.close()
      },
    }
  }

  function run(
    from: ReturnType<typeof memorySource<string>>,
    into: TransactionalSink<string>,
    options: ExecuteOptions,
  ): { readonly handle: JobHandle; readonly events: JobEvent[] } {
    const restart = exponentialDelay({ initial: 10, max: 50 })
    const handle = execute(upperWithState(from, into), { restart, checkpointing: { interval: 20 }, ...options })
    const events: JobEvent[] = []
    handle.events$.subscribe((event) => events.push(event))
    handle.done.catch(() => undefined)
    return { handle, events }
  }

  /** Ends the first run at its n-th request; answers whether it came to that. */
  async function killedAt(n: number, done: boolean): Promise<boolean> {
    const bucket = await buckets.create()
    const from = memorySource<string>()
    const into = memorySink<string>()
    const first = await process(bucket)
    let requests = 0
    first.proxy.rule = () => {
      requests += 1
      return requests < n ? pass : { type: requests === n && done ? 'lose' : 'cut' }
    }
    const { handle } = run(from, into, { storage: first.storage })
    let ended = false
    handle.done.then(
      () => {
        ended = true
      },
      () => undefined,
    )
    from.push('a', 'b')
    while (requests < n && into.committed.length < 2) await turn()
    from.push('c')
    from.end()
    while (requests < n && !ended) await turn()
    await handle.cancel()
    const last = await process(bucket)
    await run(from, into, { storage: last.storage }).handle.done
    expect({ n, done, out: into.committed }).toEqual({ n, done, out: ['A', 'B', 'C'] })
    expect(await last.storage.list('upper/0/chk-')).not.toHaveLength(0)
    await first.close()
    await last.close()
    return requests >= n
  }

  test('goes on exactly once wherever it is killed: at each request to the bucket, done or not', async () => {
    let n = 1
    while (await killedAt(n, n % 2 === 0)) n += 1
    // Marks, ledger, snapshots, and their removal.
    expect(n).toBeGreaterThan(15)
  })

  test('goes on exactly once where answers take several intervals', async () => {
    const bucket = await buckets.create()
    const { storage, proxy, close } = await process(bucket)
    proxy.rule = ({ method }) => (method === 'PUT' ? { type: 'late', ms: 200 } : pass)
    const from = memorySource<string>()
    const into = memorySink<string>()
    const { handle } = run(from, into, { storage })
    for (const one of ['a', 'b', 'c', 'd']) {
      from.push(one)
      await turn(50)
    }
    from.end()
    await handle.done
    expect(into.committed).toEqual(['A', 'B', 'C', 'D'])
    await close()
  })

  test('says that the bucket is slow, and goes on once it answers', async () => {
    const bucket = await buckets.create()
    const { storage, proxy, close } = await process(bucket)
    const from = memorySource<string>()
    const into = memorySink<string>()
    let held = 0
    proxy.rule = ({ path }) => (path.includes('/chk-') && held++ === 0 ? { type: 'late', ms: 6_000 } : pass)
    const { handle, events } = run(from, into, { storage })
    from.push('a')
    from.end()
    await handle.done
    expect(into.committed).toEqual(['A'])
    expect(events.filter(({ type }) => type === 'storage-slow')).not.toHaveLength(0)
    await close()
  })

  test('says that the bucket is away, tries for a minute, and goes on exactly once', async () => {
    const bucket = await buckets.create()
    const { storage, proxy, close } = await process(bucket)
    const clock = virtualClock()
    const from = memorySource<string>()
    const into = memorySink<string>()
    const restart = exponentialDelay({ initial: 100, max: 5_000 })
    const { handle, events } = run(from, into, { storage, clock, restart })
    const until = async (reached: () => boolean, step: number) => {
      while (!reached()) {
        await clock.advanceAsync(step)
        await turn(2)
      }
    }
    from.push('a')
    await until(() => into.committed.length === 1, 10)
    proxy.rule = () => ({ type: 'cut' })
    from.push('b')
    const back = clock.now() + 60_000
    await until(() => clock.now() >= back, 200)
    expect(into.committed).toEqual(['A'])
    const failures = events.flatMap((event) => ('error' in event ? [event.error.message] : []))
    expect(failures.length).toBeGreaterThan(5)
    expect(failures.every((message) => message.includes('STORAGE_IO') && message.includes(bucket))).toBe(true)
    proxy.rule = () => pass
    from.push('c')
    from.end()
    let over = false
    handle.done.then(
      () => {
        over = true
      },
      () => undefined,
    )
    await until(() => over, 100)
    expect(into.committed).toEqual(['A', 'B', 'C'])
    await close()
  })

  test('rests on no conditional write where the ledger is another: answers are lost, and keys written again', async () => {
    const bucket = await buckets.create()
    const { storage, proxy, close } = await process(bucket)
    let requests = 0
    proxy.rule = ({ method }) => {
      requests += 1
      return method === 'PUT' && requests % 3 === 0 ? { type: 'lose' } : { type: 'without', headers: ['if-none-match'] }
    }
    const log = await temporaryLog({ out: 1 })
    const from = memorySource<string>()
    const { handle } = run(from, embeddedSink(log, { topic: 'out', value: text }), { storage })
    for (const one of ['a', 'b', 'c', 'd']) {
      from.push(one)
      await turn(60)
    }
    from.end()
    await handle.done
    expect(valuesOf(log, 'out')).toEqual(['A', 'B', 'C', 'D'])
    await close()
  })
})
