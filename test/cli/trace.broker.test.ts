/** `rxweft trace` as a program: from an output record back to its input, on a real broker. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { cancelAll } from '../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { copiedTopic } from './copiedTopic.ts'
import { program } from './program.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('rxweft trace', { timeout: 60_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics?.close())

  async function traced(job: string, place: string, ...more: readonly string[]) {
    const run = program('trace', place, '--brokers', brokers.join(','), '--job', job, ...more)
    return { code: await run.ended, said: run.said }
  }

  it('leads from each output record to the input of its checkpoint', async () => {
    const { job, source, sink, run } = await copiedTopic(topics)
    const storage = memoryStorage()
    // Each run ends with one checkpoint of its own.
    for (const letters of [['a', 'b'], ['c'], ['d', 'e', 'f']]) {
      await topics.append(source, letters)
      await run({ storage })
    }
    // Offsets of the sink: a, b, marker, c, marker, d, e, f, marker.
    const found = await traced(job, `${sink}/0/3`, '--json')
    expect(found.code, found.said).toBe(0)
    expect(JSON.parse(found.said)).toMatchObject({
      ...{ shard: 0, checkpoint: 2, exact: true },
      input: [{ topic: source, partition: 0, from: 2, to: 3 }],
    })
    expect((await traced(job, `${sink}/0/6`)).said).toMatch(/checkpoint 3 of shard 0.*\nmade of\n.* from 3 to 5\n$/)
    expect((await traced(job, `${sink}/0/0`)).said).toMatch(/ from 0 to 1\n$/)
  })

  it('says why a record comes from no checkpoint', async () => {
    const { job, source, sink, run } = await copiedTopic(topics)
    await topics.append(source, ['a'])
    await run()
    await topics.append(sink, ['plain'])
    const other = await topics.transactional(topics.name('other'))
    await other.send(sink, 0, ['foreign'])
    await other.end(true)
    await other.send(sink, 0, ['aborted'])
    await other.end(false)
    const why = async (offset: number) => (await traced(job, `${sink}/0/${offset}`)).said
    expect(await why(1)).toContain('is the marker of a transaction')
    expect(await why(2)).toContain('was not written in a transaction')
    expect(await why(3)).toContain('the job has not written')
    expect(await why(5)).toContain('was aborted')
    expect(await why(99)).toContain('is not there')
    expect((await traced(job, 'nonsense')).code).toBe(2)
  })
})
