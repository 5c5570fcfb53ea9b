/** Every kind of poison, through the sinks that need no broker, and each policy. Through Kafka's: kafka/sink/poison.broker.test.ts. */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { embeddedSink } from '../../src/embedded/embeddedSink.ts'
import type { DeadLetter } from '../../src/job/badRecords/deadLetter.ts'
import type { JobEvent } from '../../src/job/events.ts'
import { execute } from '../../src/job/execute.ts'
import { noRestart } from '../../src/job/restart.ts'
import { json } from '../../src/serde/json.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { temporaryLog } from '../embedded/temporaryLog.ts'
import { goodOf, lastGood, type Poison, poisonJob, poisons } from './poison.ts'

interface Stage {
  readonly sink: TransactionalSink<unknown>
  /** Values that are committed. */
  readonly values: () => readonly unknown[]
}

async function stageOf(kind: 'memory' | 'embedded'): Promise<Stage> {
  if (kind === 'memory') {
    const sink = memorySink<unknown>({ id: 'sink' })
    return { sink, values: () => sink.committed }
  }
  const log = await temporaryLog({ into: 1 })
  const sink = embeddedSink<unknown>(log, { topic: 'into', value: json() as never, id: 'sink' })
  return { sink, values: () => [...log.read('into', 0)].map(({ value }) => JSON.parse(String(value))) }
}

async function run(
  sink: TransactionalSink<unknown>,
  policy: Parameters<typeof poisonJob>[2],
  only?: readonly Poison[],
) {
  const events: JobEvent[] = []
  const handle = execute(poisonJob('poison', sink, policy, only), { storage: memoryStorage(), restart: noRestart() })
  handle.events$.subscribe((event) => events.push(event))
  const error = await handle.done.then(
    () => undefined,
    (thrown) => thrown,
  )
  return { events, error }
}

const goods = Array.from({ length: poisons.length + 1 }, (_, at) => goodOf(2 * at))

describe.each(['memory', 'embedded'] as const)('poison through the %s sink', (kind) => {
  const bad = poisons.filter(({ badFor }) => badFor.includes(kind))
  const offsets = bad.map((one) => 2 * poisons.indexOf(one) + 1)

  /** Of those that are good; what else the sink has taken is what it was given. */
  const goodIn = (values: readonly unknown[]) => values.filter((value) => goods.includes(value as string))

  it('is skipped and counted, and nothing else lost or doubled', async () => {
    const { sink, values } = await stageOf(kind)
    const { events, error } = await run(sink, 'skip')
    expect(error).toBeUndefined()
    expect(goodIn(values())).toEqual(goods)
    expect(values()).toHaveLength(goods.length + poisons.length - bad.length)
    expect(events).toContainEqual(expect.objectContaining({ type: 'bad-records', skipped: bad.length }))
  })

  it('becomes dead letters with their coordinates', async () => {
    const { sink, values } = await stageOf(kind)
    const dead = memorySink<DeadLetter>({ id: 'dead' })
    expect((await run(sink, dead)).error).toBeUndefined()
    expect(goodIn(values())).toEqual(goods)
    const found = dead.committed.map(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`)
    expect(found.toSorted()).toEqual(offsets.map((offset) => `memory/0@${offset}`).toSorted())
  })

  it.each(bad)('ends the job with an error that names the record: $name', async (poison) => {
    const { sink, values } = await stageOf(kind)
    const { error } = await run(sink, 'fail', [poison])
    expect(error).toMatchObject({
      consequence: 'fatal',
      badRecord: true,
      where: { topic: 'memory', partition: 0, offset: 1 },
    })
    expect(values()).toEqual([])
  })
})

it('has a good record after the last poison', () => {
  expect(goods.at(-1)).toBe(goodOf(lastGood))
})
