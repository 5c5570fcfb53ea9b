import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import type { ProtocolStep } from '../../../src/attempt.ts'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { deadLetterJson } from '../../../src/job/badRecords/deadLetterJson.ts'
import type { Job } from '../../../src/job/defineJob.ts'
import { noRestart } from '../../../src/job/restart.ts'
import type { Compression } from '../../../src/kafka/batch/compression.ts'
import type { KafkaSinkOptions } from '../../../src/kafka/sink/kafkaSinkOptions.ts'
import { RetriableError } from '../../../src/openErrors.ts'
import { consoleConsume, oracleAvailable } from '../../../tools/support/consoleConsumer.ts'
import { cancelAll, eventually, failure, run, runToEnd } from '../../../tools/support/jobs.ts'
import { topicEnds } from '../../../tools/support/topicEnds.ts'
import { type Topics, testTopics, type Written } from '../../../tools/support/topics.ts'
import { temporaryFolder } from '../../checkpoint/temporaryFolder.ts'
import { seeded } from '../seeded.ts'
import { deadLetterJob } from './deadLetterJob.ts'

const brokers = inject('brokers')
const oracle = brokers.length > 0 && (await oracleAvailable())

/** What the sink's topic takes, bytes; and what is too much for it. */
const largest = 20_000
const tooLarge = 30_000

interface Input {
  readonly value: string
  readonly partition: number
}

const kinds = ['good', 'good', 'undecodable', 'good', 'unmappable', 'good', 'huge']

describe.skipIf(!oracle)('dead letters on a real broker', { timeout: 60_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterEach(cancelAll)
  afterAll(() => topics.close())

  async function ground(partitions: number) {
    const from = await topics.create(partitions)
    const into = await topics.create(partitions, { 'max.message.bytes': `${largest}` })
    const dead = await topics.create(1, { 'max.message.bytes': '1000000' })
    const name = topics.name('job')
    const place = { name, from, into, dead }
    const job = (until?: 'latest', sink?: Partial<KafkaSinkOptions<string>>): Job =>
      deadLetterJob(topics.cluster, place, until, sink)
    return { ...place, job }
  }

  async function letters(topic: string) {
    const read = await consoleConsume(brokers, topic)
    return read.map(({ key, value, headers }) => {
      return { key, headers, letter: deadLetterJson.decode(Buffer.from(value ?? '')) }
    })
  }

  const undecodable = (name: string) => Buffer.concat([Buffer.from([0xff]), Buffer.from(name)])

  it('hold what could not be decoded, mapped or written, as Java reads them, with key and headers', async () => {
    const { from, into, dead, name, job } = await ground(1)
    const headers = [{ name: 'trace', value: Buffer.from('1') }]
    const huge = 'x'.repeat(tooLarge)
    await topics.append(from, [
      'a',
      { key: 'k', value: undecodable('u'), timestamp: 7, headers },
      { key: 'k', value: 'unmappable', timestamp: 8, headers },
      { key: 'k', value: huge, timestamp: 9, headers },
      'b',
    ])
    await runToEnd(job('latest'))
    expect((await consoleConsume(brokers, into)).map(({ value }) => value)).toEqual(['A', 'B'])
    const read = await letters(dead)
    const place = { topic: from, partition: 0, job: name, headers }
    expect(read).toMatchObject([
      {
        letter: {
          ...{ ...place, offset: 1, timestamp: 7, key: Buffer.from('k'), value: undecodable('u') },
          ...{ operator: `kafkaSource:${from}`, code: 'DECODE_FAILED' },
        },
      },
      { letter: { ...place, offset: 2, timestamp: 8, value: 'unmappable', operator: 'map', code: 'OPERATOR_FAILED' } },
      {
        letter: {
          ...{ ...place, offset: 3, timestamp: 9, value: huge.toUpperCase() },
          ...{ operator: `kafkaSink:${into}`, code: 'RECORD_TOO_LARGE' },
        },
      },
    ])
    expect(read.map((one) => [one.key, one.headers])).toEqual(read.map(() => ['k', [['trace', '1']]]))
  })

  it('become visible with the output of their checkpoint, and not before', async () => {
    const { from, into, dead, job } = await ground(1)
    await topics.append(from, ['a', 'unmappable', { value: undecodable('') }, 'x'.repeat(tooLarge), 'b'])
    const running = run(job(), { checkpointing: { interval: 60_000 } })
    const ends = async (isolation: 'read_uncommitted' | 'read_committed') => [
      ...(await topicEnds(brokers, into, isolation)),
      ...(await topicEnds(brokers, dead, isolation)),
    ]
    await eventually(async () => `${await ends('read_uncommitted')}` === '2,3')
    expect(await ends('read_committed')).toEqual([0, 0])
    await running.stop()
    // And the marker of the one transaction behind them; brokers write it a moment after they have said that it is committed.
    await eventually(async () => `${await ends('read_committed')}` === '3,4')
    expect(running.seen.filter(({ type }) => type === 'bad-records')).toMatchObject([{ checkpoint: 1, deadLetters: 3 }])
  })

  it('of records that are too large are those that the topic would not take, once they are compressed', async () => {
    const compressions: readonly Compression[] = ['gzip', 'snappy']
    const random = seeded(5)
    const noise = Array.from({ length: tooLarge }, () => String.fromCharCode(33 + random(90))).join('')
    for (const compression of compressions) {
      const { from, into, dead, job } = await ground(1)
      await topics.append(from, ['a', 'x'.repeat(tooLarge), noise, 'b'])
      await runToEnd(job('latest', { compression }))
      const lengths = (await consoleConsume(brokers, into)).map(({ value }) => value?.length)
      expect(lengths, compression).toEqual([1, tooLarge, 1])
      expect((await letters(dead)).map(({ letter }) => letter.code)).toEqual(['RECORD_TOO_LARGE'])
    }
  })

  it('of a sink that asks for its topic only when the first record comes are those of the right checkpoint too', async () => {
    const { from, into, dead, job } = await ground(1)
    await topics.append(from, ['x'.repeat(tooLarge), 'a', 'x'.repeat(tooLarge)])
    await runToEnd(job('latest', { topic: () => into, id: 'by-record' }))
    expect((await consoleConsume(brokers, into)).map(({ value }) => value)).toEqual(['A'])
    expect((await letters(dead)).map(({ letter }) => letter.offset)).toEqual([0, 2])
  })

  it('that are too large themselves end the job, and nothing of the checkpoint is there', async () => {
    const { from, into, dead, job } = await ground(1)
    await topics.append(from, ['a', `unmappable ${'x'.repeat(1_010_000)}`])
    expect(await failure(run(job()))).toMatchObject({
      code: 'RECORD_TOO_LARGE',
      consequence: 'fatal',
      where: { operator: `kafkaSink:${dead}`, topic: from, offset: 1 },
    })
    expect(await consoleConsume(brokers, into)).toEqual([])
    expect(await consoleConsume(brokers, dead)).toEqual([])
  })

  const steps: readonly ProtocolStep[] = ['barrier', 'prepared', 'stored', 'ledger', 'ending', 'committed']

  it('and the output are exact, both, after runs that were cancelled and failed at every step', async () => {
    const { from, into, dead, job } = await ground(2)
    const storage = memoryStorage()
    const input: Input[] = []
    for (const step of steps) {
      for (const how of ['cancelled', 'failing']) {
        await feed(from, input)
        let passed = 0
        const running = run(job(), {
          ...{ storage, restart: noRestart(), checkpointing: { interval: 50 } },
          probe(seen) {
            if (seen !== step || ++passed !== 2) return
            if (how === 'failing') throw new RetriableError('BROKEN', 'by the test')
            void running.cancel()
          },
        })
        await running.until('restored')
        await feedUntil(
          running.done.catch(() => undefined),
          from,
          input,
        )
      }
    }
    await feed(from, input)
    await runToEnd(job('latest'), { storage })
    await expectExact({ into, dead }, input)
  })

  it('and the output are exact, both, after runs that were killed at one step after another', {
    timeout: 120_000,
  }, async () => {
    const { from, into, dead, name } = await ground(2)
    const folder = await temporaryFolder()
    const input: Input[] = []
    const program = async (env: Readonly<Record<string, string>>) => {
      const args = [join(import.meta.dirname, 'deadLetterJob.ts'), brokers.join(), name, from, into, dead, folder]
      const options = { env: { ...process.env, ...env }, stdio: 'inherit' } as const
      const child = spawn(process.execPath, ['--conditions=rxweft-source', '--import', 'tsx', ...args], options)
      onTestFinished(() => void child.kill('SIGKILL'))
      return (await once(child, 'close')) as [number | null, string | null]
    }
    for (const step of ['prepared', 'stored', 'ledger', 'ending', 'committed']) {
      await feed(from, input)
      const killed = program({ CRASH_AT: `${step}:2` })
      await feedUntil(killed, from, input)
      expect(await killed).toEqual([null, 'SIGKILL'])
    }
    await feed(from, input)
    expect(await program({ UNTIL: 'latest' })).toEqual([0, null])
    await expectExact({ into, dead }, input)
  })

  /** A job that has nothing to do takes no checkpoint, and would not come to its step. */
  async function feedUntil(settled: Promise<unknown>, from: string, input: Input[]): Promise<void> {
    let over = false
    const end = (): void => {
      over = true
    }
    settled.then(end, end)
    for (; !over; await pause(100)) await feed(from, input)
  }

  async function feed(from: string, input: Input[]): Promise<void> {
    for (const partition of [0, 1]) {
      const values = kinds.map((kind, at) => `${kind} ${input.length + at}`)
      input.push(...values.map((value) => ({ value, partition })))
      await topics.append(from, values.map(written), partition)
    }
  }

  async function expectExact(
    { into, dead }: { readonly into: string; readonly dead: string },
    input: readonly Input[],
  ): Promise<void> {
    const output = await consoleConsume(brokers, into)
    const good = input.filter(({ value }) => value.startsWith('good'))
    for (const partition of [0, 1]) {
      const expected = good.filter((one) => one.partition === partition).map(({ value }) => value.toUpperCase())
      expect(output.filter((one) => one.partition === partition).map(({ value }) => value)).toEqual(expected)
    }
    const found = (await letters(dead)).map(
      ({ letter }) => `${letter.partition} ${letter.code} ${nameOf(letter.value)}`,
    )
    const codes: Readonly<Record<string, string>> = {
      undecodable: 'DECODE_FAILED',
      unmappable: 'OPERATOR_FAILED',
      huge: 'RECORD_TOO_LARGE',
    }
    const bad = input.flatMap(({ value, partition }) => {
      const code = codes[value.split(' ')[0] as string]
      return code === undefined ? [] : [`${partition} ${code} ${value}`]
    })
    expect(bad).toHaveLength((input.length / 7) * 3)
    expect(found.toSorted()).toEqual(bad.toSorted())
  }

  function written(name: string): Written {
    if (name.startsWith('undecodable')) return { value: undecodable(name) }
    return name.startsWith('huge') ? name.padEnd(tooLarge) : name
  }

  function nameOf(value: unknown): string {
    return (value instanceof Uint8Array ? Buffer.from(value).subarray(1) : String(value))
      .toString()
      .trimEnd()
      .toLowerCase()
  }
})
