/** What goes wrong in a job under test: bad records, dead letters, and what ends it. */

import { take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import {
  asyncMap,
  boundedOutOfOrderness,
  type DeadLetter,
  deadLetter,
  defineJob,
  filter,
  type JobOptions,
  keyBy,
  map,
  memorySink,
  memorySource,
  type Pipeline,
  scan,
  sideOutput,
  text,
  to,
} from '../../src/index.ts'
import { kafkaCluster, kafkaSink, kafkaSource } from '../../src/kafka/index.ts'
import { keyed, statefulRules } from '../../src/operators/keyed/keyed.ts'
import { testJob } from '../../src/testing/index.ts'
import { asOperator } from '../../tools/support/asOperator.ts'

const lines = memorySource<string>({ partitions: [[]], unbounded: true, topic: 'lines' })
const out = memorySink<unknown>({ id: 'out' })
const letters = memorySink<DeadLetter>({ id: 'letters' })

function noB(line: string): string {
  if (line === 'b') throw new RangeError('no b')
  return line
}

const strict = (options?: JobOptions) =>
  defineJob(
    'strict',
    ({ from }) =>
      from(lines).pipe(
        keyBy((line) => line),
        scan((count, line) => (noB(line) === line ? count + 1 : 0), 0, { id: 'count' }),
        to(out),
      ),
    options,
  )

describe('a bad record', () => {
  it('ends the job: the push throws what it has ended with, and so does what comes after, until it is restored', async () => {
    const test = testJob(strict())
    test.push('a')
    await test.checkpoint()
    const failed = expect.objectContaining({ code: 'OPERATOR_FAILED', where: expect.objectContaining({ offset: 1 }) })
    expect(() => test.push('b')).toThrow(failed)
    expect(() => test.push('c')).toThrow(failed)
    expect(() => test.watermark(1)).toThrow(failed)
    await expect(test.checkpoint()).rejects.toEqual(failed)
    await expect(test.advance(1)).rejects.toEqual(failed)
    await expect(test.end()).rejects.toEqual(failed)
    // As a real job would: it reads the same record again.
    await expect(test.restore()).rejects.toEqual(failed)
    expect(test.sink(out).committed).toEqual([1])
  })

  it('is skipped if the job says so, counted with its checkpoint, and told', async () => {
    const test = testJob(strict({ onError: 'skip' }))
    for (const line of ['a', 'b', 'b', 'a']) test.push(line)
    expect(test.sink(out).values).toEqual([1, 2])
    expect(test.events).toMatchObject([{ type: 'record-skipped', operator: 'count' }])
    await test.checkpoint()
    expect(test.events[1]).toEqual({ type: 'bad-records', checkpoint: 1, skipped: 2, deadLetters: 0 })
  })

  it('becomes a dead letter, in the same checkpoint as the records around it', async () => {
    const test = testJob(strict({ onError: deadLetter(letters) }))
    test.push('a')
    test.push('b', { timestamp: 5, key: 'k' })
    await test.checkpoint()
    test.push('b')
    const sink = test.sink(letters)
    expect(sink.committed).toMatchObject([
      { value: 'b', key: 'b', timestamp: 5, topic: 'lines', partition: 0, offset: 1, operator: 'count', job: 'strict' },
    ])
    expect(sink.uncommitted).toMatchObject([{ offset: 2, code: 'OPERATOR_FAILED' }])
    await test.restore()
    expect(sink.values.map(({ offset }) => offset)).toEqual([1, 2])
    await test.checkpoint()
    expect(sink.committed).toHaveLength(2)
  })
})

describe('what ends a job while nobody pushes', () => {
  it('is told by what comes next', async () => {
    const job = defineJob('rejecting', ({ from }) =>
      from(lines).pipe(
        asyncMap(async (line) => noB(line)),
        to(out),
      ),
    )
    const test = testJob(job)
    test.push('b')
    await expect(test.advance(0)).rejects.toMatchObject({ code: 'ASYNC_MAP_FAILED' })
    expect(() => test.push('a')).toThrow(expect.objectContaining({ code: 'ASYNC_MAP_FAILED' }))
  })

  it('is told by a checkpoint that is under way', async () => {
    const job = defineJob('rejecting', ({ from }) =>
      from(lines).pipe(
        asyncMap(async (line) => noB(line)),
        to(out),
      ),
    )
    const test = testJob(job)
    test.push('b')
    await expect(test.checkpoint()).rejects.toMatchObject({ code: 'ASYNC_MAP_FAILED' })
  })

  it('stops its timers', async () => {
    const job = defineJob('alarming', ({ from }) =>
      from(lines, boundedOutOfOrderness(0).withIdleness(60_000)).pipe(
        keyBy((line) => line),
        keyed<string, string, string>('alarm', { id: 'alarm' }, statefulRules, (context) => ({
          record({ key, value }) {
            noB(value)
            context.processingTimers.set(10, key)
          },
        })),
        to(out),
      ),
    )
    const test = testJob(job)
    test.push('a')
    expect(test.clock.timers).toBe(2)
    expect(() => test.push('b')).toThrow('OPERATOR_FAILED')
    expect(test.clock.timers).toBe(0)
    const other = testJob(job)
    other.push('a')
    await other.end()
    expect(other.clock.timers).toBe(0)
  })
})

describe('a job that is wired wrong', () => {
  const wrong = (pipeline: Pipeline) => () => testJob(defineJob('wrong', pipeline))

  it('is refused as the runner would', () => {
    expect(wrong(() => [])).toThrow(expect.objectContaining({ code: 'EMPTY_JOB' }))
    expect(wrong(({ from }) => [from(lines).pipe(to(out)), from(lines).pipe(to(letters as never))])).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_ID' }),
    )
    expect(
      wrong(({ from }) => {
        from(memorySource<string>(['unused']))
        return from(lines).pipe(to(out))
      }),
    ).toThrow(expect.objectContaining({ code: 'UNUSED_SOURCE', where: { operator: 'memorySource:memory' } }))
    expect(wrong(({ from }) => [from(lines).pipe(to(out)), sideOutput<DeadLetter>().pipe(to(letters))])).toThrow(
      expect.objectContaining({ code: 'OUTPUT_NOT_FED', where: { operator: 'letters' } }),
    )
    const twice = scan((count: number, _: string) => count + 1, 0, { id: 'twice' })
    expect(
      wrong(({ from }) => {
        const keyed = from(lines).pipe(keyBy((line) => line))
        return [keyed.pipe(twice, to(out)), keyed.pipe(twice, to(memorySink({ id: 'more' })))]
      }),
    ).toThrow(expect.objectContaining({ code: 'DUPLICATE_ID' }))
  })

  it('ends if its pipeline completes by itself', () => {
    const job = defineJob('taking', ({ from }) => from(lines).pipe(asOperator(take(2)), to(out)))
    const test = testJob(job)
    expect(() => test.push('a')).toThrow(
      expect.objectContaining({ code: 'PIPELINE_ENDED', where: { operator: 'out' } }),
    )
  })
})

describe('a job with side outputs', () => {
  it('has them in sinks of their own', async () => {
    const job = defineJob('sorting', ({ from }) => {
      const large = sideOutput<string>()
      const sorted = from(lines).pipe(
        keyBy((line) => line),
        keyed<string, string, string>(
          'sorting',
          { id: 'sorting' },
          statefulRules,
          ({ out, side }) => {
            const aside = side(large)
            return { record: (record) => (record.value < 'a' ? aside(record) : out.next(record)) }
          },
          [large],
        ),
      )
      return [sorted.pipe(to(out)), large.pipe(to(memorySink<string>({ id: 'large' })))]
    })
    const test = testJob(job)
    for (const line of ['a', 'B', 'c']) test.push(line)
    expect([test.sink(out).values, test.sink('large').values]).toEqual([['a', 'c'], ['B']])
    await test.checkpoint()
    expect(test.sink('large').committed).toEqual(['B'])
  })
})

describe('a job from Kafka to Kafka', () => {
  const cluster = kafkaCluster({ brokers: ['nowhere.invalid:9092'] })
  const source = kafkaSource(cluster, { topics: ['words', 'more-words'], value: text })
  const upper = kafkaSink(cluster, { topic: 'upper', value: text })
  const byRecord = kafkaSink<string>(cluster, { topic: ({ value }) => value, value: text, id: 'by-record' })
  const job = defineJob('kafka', ({ from }) => {
    const words = from(source).pipe(map((word) => word.toUpperCase()))
    return [
      words.pipe(to(upper)),
      words.pipe(
        filter((word) => word > 'M'),
        to(byRecord),
      ),
    ]
  })

  it('runs without a broker; its ends are called by themselves or by topic', async () => {
    const test = testJob(job)
    test.source(source).push('one')
    test.source<string>('more-words').push('two', { topic: 'more-words' })
    await test.checkpoint()
    expect(test.sink(upper).committed).toEqual(['ONE', 'TWO'])
    expect(test.sink('upper').records.map(({ split }) => split.topic)).toEqual(['words', 'more-words'])
    expect(test.sink('by-record').values).toEqual(['ONE', 'TWO'])
  })

  it('has no other topics and partitions than there can be', () => {
    const test = testJob(job)
    expect(() => test.push('x', { topic: 'others' })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', what: expect.stringContaining("must be 'words' or 'more-words'") }),
    )
    for (const partition of [-1, 0.5, NaN]) {
      expect(() => test.push('x', { partition })).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    }
    expect(() => test.watermark(Infinity)).toThrow(expect.objectContaining({ what: expect.stringContaining('end()') }))
  })
})

describe('after its end', () => {
  it('a job takes no checkpoint any more, but can be restored', async () => {
    const test = testJob(strict())
    await test.end()
    await expect(test.checkpoint()).rejects.toMatchObject({
      code: 'JOB_ENDED',
      hint: expect.stringContaining('restore'),
    })
    await expect(test.end()).rejects.toMatchObject({ code: 'JOB_ENDED' })
    await test.restore()
    expect((await test.checkpoint()).checkpoint).toBe(2)
  })
})

it('State that does not encode ends the job at its checkpoint', async () => {
  const job = defineJob('nan', ({ from }) =>
    from(lines).pipe(
      keyBy((line) => line),
      scan(() => Number.NaN, 0, { id: 'count' }),
      to(out),
    ),
  )
  const test = testJob(job)
  test.push('a')
  await expect(test.checkpoint()).rejects.toMatchObject({ code: 'STATE_NOT_ENCODABLE', where: { operator: 'count' } })
  expect(() => test.push('b')).toThrow('STATE_NOT_ENCODABLE')
})
