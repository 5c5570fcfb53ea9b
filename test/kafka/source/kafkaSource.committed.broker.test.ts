import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { StartFrom } from '../../../src/kafka/source/startOffsets.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { consoleConsume, oracleAvailable } from '../../../tools/support/consoleConsumer.ts'
import { collect, runToEnd } from '../../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { seeded } from '../seeded.ts'

const brokers = inject('brokers')
const oracle = brokers.length > 0 && (await oracleAvailable())

describe.skipIf(!oracle)('what the Kafka source reads of interleaved transactions', () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterAll(() => topics.close())

  /** Two producers whose transactions overlap, and a third that uses none; large records, so that many fetches are needed. */
  async function write(topic: string, steps: number, random: (below: number) => number): Promise<void> {
    const writers = [await topics.transactional(topics.name('id')), await topics.transactional(topics.name('id'))]
    const open = [false, false]
    for (let step = 0; step < steps; step++) {
      const partition = random(2)
      const values = Array.from({ length: 1 + random(3) }, (_, at) => `${step}.${at} ${'x'.repeat(random(40_000))}`)
      const which = random(3)
      const ends = open[which] && random(3) === 0
      if (which === 2) await topics.append(topic, values, partition)
      else if (ends) await writers[which]?.end(random(2) === 0)
      else await writers[which]?.send(topic, partition, values)
      open[which] = !ends
    }
    for (const [which, writer] of writers.entries()) if (open[which]) await writer.end(random(2) === 0)
  }

  async function read(topic: string, startFrom: StartFrom): Promise<readonly string[]> {
    const records: StreamRecord<string>[] = []
    const source = () => kafkaSource(topics.cluster, { topic, value: text, until: 'latest', startFrom })
    await runToEnd(collect(topics.name('job'), source, records))
    const sorted = records.sort((a, b) => a.split.partition - b.split.partition)
    return sorted.map(({ split, offset, value }) => shown(split.partition, offset, value))
  }

  it('is what the Java consumer reads under read_committed, in the same order, from wherever it starts', async () => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
    const random = seeded(seed)
    const topic = await topics.create(2)
    await write(topic, 250, random)
    const judged = await consoleConsume(brokers, topic)
    const expected = judged.map(({ partition, offset, value }) => ({
      partition,
      offset,
      shown: shown(partition, offset, value ?? ''),
    }))
    expect(expected.length, `SEED=${seed}`).toBeGreaterThan(0)
    expect(await read(topic, 'earliest'), `SEED=${seed}`).toEqual(expected.map(({ shown }) => shown))
    for (let again = 0; again < 10; again++) {
      const starts = [0, 1].map((partition) => {
        const last = expected.findLast((record) => record.partition === partition)?.offset ?? 0
        return { topic, partition, offset: random(last + 1) }
      })
      const rest = expected.filter(({ partition, offset }) => offset >= (starts[partition]?.offset ?? 0))
      expect(await read(topic, starts), `SEED=${seed}`).toEqual(rest.map(({ shown }) => shown))
    }
  }, 60_000)
})

function shown(partition: number, offset: number, value: string): string {
  return `${partition}/${offset}: ${value.slice(0, 10).trim()} ${value.length}`
}
