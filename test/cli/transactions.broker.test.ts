/** `rxweft transactions` as a program: open transactions of a job, and of others before its readers. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { JobTransaction } from '../../src/cli/jobTransactions.ts'
import { cancelAll } from '../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { copiedTopic } from './copiedTopic.ts'
import { program } from './program.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('rxweft transactions', { timeout: 60_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics?.close())

  async function transactions(...args: readonly string[]): Promise<readonly JobTransaction[]> {
    const run = program('transactions', '--brokers', brokers.join(','), '--json', ...args)
    expect(await run.ended, run.said).toBe(0)
    return JSON.parse(run.said.split('\n')[0] ?? '')
  }

  /** A job that has run to its end: its transactional ids exist. */
  async function finished() {
    const copied = await copiedTopic(topics)
    await topics.append(copied.source, ['a'])
    await copied.run()
    return copied
  }

  it('lists those of the job, and a foreign one that holds readers of its source back', async () => {
    const { job, source, sink } = await finished()
    const [ownId, otherId] = [`rxweft/${job}/0/1`, topics.name('other')]
    const own = await topics.transactional(ownId)
    await own.send(sink, 0, ['x'])
    const other = await topics.transactional(otherId)
    await other.send(source, 0, ['y'])
    const elsewhere = await topics.transactional(topics.name('elsewhere'))
    await elsewhere.send(await topics.create(), 0, ['z'])

    const found = await transactions('--job', job)
    expect(found.map((one) => [one.transactionalId, one.own, one.state])).toEqual([
      [ownId, true, 'Ongoing'],
      [otherId, false, 'Ongoing'],
    ])
    expect(found[1]?.partitions).toEqual([{ topic: source, partition: 0 }])
    for (const { age, timeout } of found) {
      expect(age).toBeLessThan(60_000)
      expect(timeout).toBe(60_000)
    }
    for (const one of [own, other, elsewhere]) await one.end(true)
    expect(await transactions('--job', job)).toEqual([])
  })

  it('ends those of the job on --abort, and no other', async () => {
    const { job, source, sink } = await finished()
    const own = await topics.transactional(`rxweft/${job}/0/0`)
    await own.send(sink, 0, ['x'])
    const other = await topics.transactional(topics.name('other'))
    await other.send(source, 0, ['y'])
    const asked = program('transactions', '--brokers', brokers.join(','), '--job', job, '--abort')
    expect(await asked.ended).toBe(2)
    expect(asked.said).toContain('pass --yes')
    expect(await transactions('--job', job)).toHaveLength(2)
    await transactions('--job', job, '--abort', '--yes')
    expect((await transactions('--job', job)).map((one) => one.own)).toEqual([false])
    await expect(own.end(true)).rejects.toMatchObject({ consequence: 'fenced' })
    await other.end(true)
  })
})
