/** Savepoints, the way back to one, and a reset, on a real broker: its ledger is read beside the job. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { fileStorage } from '../../../src/checkpoint/fileStorage.ts'
import { savepoints } from '../../../src/checkpoint/savepoints/savepoints.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import { execute } from '../../../src/job/execute.ts'
import type { ExecuteOptions } from '../../../src/job/executeOptions.ts'
import { readSavepoint } from '../../../src/job/reading/readSavepoint.ts'
import { noRestart } from '../../../src/job/restart.ts'
import { savepoint } from '../../../src/job/savepoints/savepointStart.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { mapWithState } from '../../../src/operators/mapWithState.ts'
import { to } from '../../../src/operators/to.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { collect, runToEnd } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { temporaryFolder } from '../../checkpoint/temporaryFolder.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('a job on Kafka', { timeout: 110_000 }, () => {
  let topics: Topics
  beforeAll(async () => {
    topics = await testTopics(brokers)
  })
  afterAll(() => topics.close())

  it('goes back to its savepoint, and is reset, each once', async () => {
    const [name, source, sink] = [topics.name('job'), await topics.create(), await topics.create()]
    const storage = fileStorage(await temporaryFolder())
    const job: Job = defineJob(name, ({ from }) =>
      from(kafkaSource(topics.cluster, { id: 'words', topic: source, value: text, until: 'latest' })).pipe(
        keyBy((word) => word),
        mapWithState((count: number, word) => [count + 1, `${word}${count + 1}`], 0, { id: 'count' }),
        to(kafkaSink(topics.cluster, { topic: sink, value: text })),
      ),
    )
    const told: string[] = []
    const run = async (options: Partial<ExecuteOptions> = {}) => {
      const handle = execute(job, { storage, restart: noRestart(), checkpointing: { interval: 100 }, ...options })
      handle.events$.subscribe((event) => {
        if (event.type === 'source-reset') told.push(...event.splits.map(({ from, to }) => `${from} to ${to}`))
      })
      await handle.done
      return handle
    }
    await topics.append(source, ['a', 'b', 'a'])
    const first = await run()
    const kept = await first.savepoint('before')
    expect(await savepoints(storage, name)).toEqual([kept])
    expect((await readSavepoint(storage, { job })).state<number>('count').get('a')).toBe(2)

    await topics.append(source, ['a'])
    await run()
    const from = savepoint('before')
    await expect(run({ from })).rejects.toMatchObject({ code: 'LINEAGE_STANDS' })
    await run({ from, abandonLineage: kept.lineage })
    await run({ from, abandonLineage: kept.lineage })
    const saved = await readSavepoint(storage, { job, savepoint: 'before' })
    expect([...saved.entries<number>('count')].map(({ key, value }) => `${key}${value}`).sort()).toEqual(['a2', 'b1'])

    const reset = { name: 'again', sources: { words: { timestamp: 0 } } }
    await run({ reset })
    await run({ reset })
    expect(told).toEqual(['4 to 0'])
    const records: StreamRecord<string>[] = []
    const read = () => kafkaSource(topics.cluster, { topic: sink, value: text, until: 'latest' })
    await runToEnd(collect(topics.name('job'), read, records))
    const written = records.map(({ value }) => value)
    // Once; again after the savepoint; and all of it again, since state stays.
    expect(written).toEqual(['a1', 'b1', 'a2', 'a3', 'a3', 'a4', 'b2', 'a5', 'a6'])
  })
})
