/** Jobs whose snapshots, and whose ledger, lie in a bucket. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { execute } from '../../src/job/execute.ts'
import { exponentialDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { s3Storage } from '../../src/s3/index.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { behavesAsAStorage } from '../../src/testing/contracts/behavesAsAStorage.ts'
import { whyNoS3 } from '../../tools/s3/motoServer.ts'
import { upperWithState } from '../job/running.ts'
import { type Buckets, openBuckets } from './bucket.ts'
import { pass } from './faultyProxy.ts'

const reason = await whyNoS3()
if (reason !== null) console.warn(`skipped: ${reason}`)

describe.skipIf(reason !== null)('a job with a bucket', { timeout: 120_000 }, () => {
  let buckets: Buckets

  beforeAll(async () => {
    buckets = await openBuckets()
  }, 300_000)
  afterAll(() => buckets?.close())

  /** Each snapshot is an object. */
  async function ground() {
    const bucket = await buckets.create()
    const storage: CheckpointStorage = { ...s3Storage(buckets.client, { bucket }), inline: 0 }
    const [from, into] = [memorySource<string>(), memorySink<string>()]
    const run = () => {
      const restart = exponentialDelay({ initial: 10, max: 50 })
      const handle = execute(upperWithState(from, into), { storage, restart, checkpointing: { interval: 50 } })
      const told: string[] = []
      handle.events$.subscribe((event) => told.push('error' in event ? event.error.message : event.type))
      return { handle, told }
    }
    return { bucket, storage, from, into, run }
  }

  const until = async (reached: () => boolean) => {
    while (!reached()) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  test('keeps the contract of a storage', async () => {
    await behavesAsAStorage(async () => {
      const bucket = await buckets.create()
      return () => ({ ...s3Storage(buckets.direct, { bucket }), exclusive: true })
    })
  })

  test('goes on from there, exactly once, and leaves one snapshot', async () => {
    const { storage, from, into, run } = await ground()
    from.push('a', 'b')
    const first = run()
    await until(() => into.committed.length === 2)
    await first.handle.stop()
    from.push('c')
    from.end()
    await run().handle.done
    expect(into.committed).toEqual(['A', 'B', 'C'])
    expect(await storage.list('upper/0/chk-')).toHaveLength(1)
  })

  test('outlives a bucket that is away, and whose answers are lost', async () => {
    const { from, into, run } = await ground()
    const { handle, told } = run()
    from.push('a')
    await until(() => into.committed.length === 1)
    buckets.proxy.rule = () => ({ type: 'cut' })
    from.push('b')
    await until(() => told.filter((one) => one.includes('STORAGE_IO')).length >= 3)
    let requests = 0
    buckets.proxy.rule = () => (requests++ % 3 === 0 ? { type: 'lose' } : pass)
    await until(() => into.committed.length === 2)
    buckets.proxy.rule = () => pass
    from.push('c')
    from.end()
    await handle.done
    expect(into.committed).toEqual(['A', 'B', 'C'])
  })

  test('is refused where the bucket ignores conditional writes and would hold its ledger', async () => {
    const { storage, from, into, run } = await ground()
    buckets.proxy.rule = () => ({ type: 'without', headers: ['if-none-match'] })
    from.push(randomUUID())
    await expect(run().handle.done).rejects.toMatchObject({ code: 'STORAGE_NOT_EXCLUSIVE', consequence: 'fatal' })
    buckets.proxy.rule = () => pass
    expect([into.committed, await storage.list('')]).toEqual([[], []])
  })
})
