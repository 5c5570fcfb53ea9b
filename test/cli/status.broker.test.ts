/** `rxweft status` as a program, beside real jobs on a real broker. */
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { JobStatus } from '../../src/cli/jobStatus.ts'
import { kafkaSink } from '../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../src/kafka/source/kafkaSource.ts'
import { text } from '../../src/serde/text.ts'
import { cancelAll, copy, run, runToEnd } from '../../tools/support/jobs.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { genesis, planOf } from '../contracts/planStoreContract.ts'
import { plansOf, withTwoMembers } from './twoMembers.ts'

const brokers = inject('brokers')
const main = join(import.meta.dirname, '../../src/cli/main.ts')

describe.skipIf(brokers.length === 0)('rxweft status', { timeout: 60_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics?.close())

  const status = (job: string, ...more: readonly string[]) =>
    testProgram(['status', '--brokers', brokers.join(','), '--job', job, ...more], {}, main)

  async function once(job: string): Promise<JobStatus> {
    const program = status(job, '--json')
    expect(await program.ended, program.said).toBe(0)
    return JSON.parse(program.said)
  }

  async function copying(job: string, until?: 'latest') {
    const [source, sink] = [await topics.create(), await topics.create()]
    const { cluster } = topics
    const made = copy(
      job,
      () => kafkaSource(cluster, { topic: source, value: text, until }),
      () => kafkaSink(cluster, { topic: sink, value: text }),
    )
    return { made, source }
  }

  it('prints owner, checkpoint, age and lag of a job without a plan, and writes nothing', async () => {
    const name = topics.name('job')
    const { made, source } = await copying(name, 'latest')
    await topics.append(source, ['a', 'b', 'c'])
    await runToEnd(made)
    await topics.append(source, ['d', 'e'])
    const found = await once(name)
    expect(found).toMatchObject({ job: name, plan: null, slots: null, members: [] })
    expect(found.shards).toMatchObject([{ shard: 0, checkpoint: 1, lag: 2, state: 'unknown' }])
    expect(found.shards[0]?.age).toBeGreaterThanOrEqual(0)
    expect(found.shards[0]?.age).toBeLessThan(60_000)
    const again = await once(name)
    expect(again.shards[0]?.age).toBeGreaterThan(found.shards[0]?.age as number)
  })

  it('counts the age from the checkpoint, and not from the takeovers since', async () => {
    const name = topics.name('job')
    const { made, source } = await copying(name)
    await topics.append(source, ['a'])
    const storage = memoryStorage()
    const first = run(made, { storage })
    await first.checkpoints(1)
    await first.cancel()
    const committed = Date.now()
    // Takes over, and never commits a checkpoint.
    const second = run(made, { storage, checkpointing: { interval: 600_000 } })
    await second.until('restored')
    const found = await once(name)
    expect(found.time - (found.shards[0]?.age as number)).toBeLessThanOrEqual(committed)
  })

  it('reads the plan, and what the members say about their shards', async () => {
    const name = topics.name('job')
    await withTwoMembers(topics, name, async (membership) => {
      membership.say({ state: 'leaving', plan: 1, shards: { 0: { doing: 'running', checkpoint: 0, plan: 1 } } })
      await expect
        .poll(() => once(name), { timeout: 30_000 })
        .toMatchObject({
          plan: 1,
          members: [
            { member: 'a1', instance: 'pod-0', zone: 'z', state: 'leaving', pid: process.pid, shards: [0] },
            { member: 'b1', instance: 'pod-1', state: 'silent', shards: [1] },
          ],
          shards: [
            { state: 'running', planned: { instance: 'pod-0' } },
            { state: 'unknown', planned: { instance: 'pod-1' } },
          ],
        })
    })
  })

  it('counts the lag of a source that every shard reads for each of them', async () => {
    const [name, source] = [topics.name('job'), await topics.create()]
    await topics.append(source, ['a', 'b'])
    const store = await plansOf(topics, name)
    const positions = [{ source: 'rules', splits: [{ topic: source, partition: 0, offset: 1 }] }]
    const first = genesis()
    await store.write(planOf(1, 'a1'), {
      ...first,
      replace: (standing) =>
        new Map([...first.replace(standing)].map(([shard, entry]) => [shard, { ...entry, positions }])),
    })
    await store.close()
    expect((await once(name)).shards).toMatchObject([{ lag: 1 }, { lag: 1 }])
  })

  it('prints a table again and again with --watch', async () => {
    const name = topics.name('job')
    const { made } = await copying(name)
    await run(made).checkpoints(1)
    const program = status(name, '--watch')
    const table = `job ${name}   no plan   1 shard\nshard  owner     state    checkpoint  age    lag  snapshot\n0 `
    await program.untilSaid(new RegExp(`(${table}.*\n){2}`))
  })

  it('says in one line that there is no such job, and creates no topic of its name', async () => {
    const name = topics.name('job')
    const program = status(name)
    expect(await program.ended).toBe(1)
    expect(program.said).toMatch(/JOB_NOT_FOUND.*no ledger topic/)
    expect(await topics.exists(`rxweft-${name}-ledger`)).toBe(false)
  })
})
