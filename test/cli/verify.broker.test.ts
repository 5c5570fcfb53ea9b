/** `rxweft verify` as a program, over topics of a real broker. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { cancelAll } from '../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { copiedTopic } from './copiedTopic.ts'
import { program } from './program.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('rxweft verify', { timeout: 60_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics?.close())

  async function verified(source: string, sink: string, ...more: readonly string[]) {
    const run = program('verify', '--brokers', brokers.join(','), '--source', source, '--sink', sink, ...more)
    return { code: await run.ended, said: run.said }
  }

  it('compares a topic with what a job has made of it, up to its checkpoint', async () => {
    const { job, source, sink, run } = await copiedTopic(topics, 2)
    const letters = Array.from({ length: 200 }, (_, at) => ({ key: `k${at % 7}`, value: `v${at}` }))
    for (const partition of [0, 1]) {
      await topics.append(
        source,
        letters.filter((_, at) => (at % 7) % 2 === partition),
        partition,
      )
    }
    await run()
    expect(await verified(source, sink)).toEqual({
      code: 0,
      said: '200 in, 200 out, 0 lost, 0 doubled, 0 reordered\n',
    })
    await topics.append(source, ['later'])
    expect((await verified(source, sink, '--job', job)).said).toBe('200 in, 200 out, 0 lost, 0 doubled, 0 reordered\n')
    const { code, said } = await verified(source, sink)
    expect(code).toBe(1)
    expect(said).toMatch(new RegExp(`^lost: ${source}/0/\\d+\n201 in, 200 out, 1 lost, 0 doubled, 0 reordered\n$`))
  })

  it('does not count what a transaction has aborted, and tells what is doubled as JSON', async () => {
    const [source, sink] = [await topics.create(), await topics.create()]
    await topics.append(source, ['a'])
    const writer = await topics.transactional(topics.name('writer'))
    await writer.send(sink, 0, ['a'])
    await writer.end(false)
    await writer.send(sink, 0, ['a'])
    await writer.end(true)
    expect((await verified(source, sink)).code).toBe(0)
    await topics.append(sink, ['a'])
    const { code, said } = await verified(source, sink, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(said).doubled).toMatchObject({ count: 1, places: [{ topic: sink, partition: 0 }] })
  })

  it('says that a topic does not exist', async () => {
    const { code, said } = await verified(topics.name('nowhere'), topics.name('nowhere'))
    expect(code).toBe(1)
    expect(said).toContain('the cluster has no topic')
  })
})
