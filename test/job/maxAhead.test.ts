/** One timestamp far in the future: with a bound its record is bad, and event time ignores it. */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { dedupe } from '../../src/operators/dedupe.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { to } from '../../src/operators/to.ts'
import { window } from '../../src/operators/window.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { testServices } from '../../src/testing/testServices.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { boundedOutOfOrderness, noWatermarks, type WatermarkStrategy } from '../../src/time/watermarks.ts'
import { tumbling } from '../../src/time/windows.ts'
import { thrownBy } from '../../tools/support/thrown.ts'
import { fed, place } from './fed.ts'
import { start } from './running.ts'

const day = 86_400_000
const t = 1_700_000_000_000

interface Click {
  readonly at: number
  readonly id?: number
}

/** What a source with this strategy makes of a record: of the time that its value says, and the one that the source does. */
function played(
  strategy: WatermarkStrategy<Click>,
  { at, source = t, now = t }: { at: number; source?: number; now?: number },
) {
  const services = testServices({ onError: 'dead-letter', clock: virtualClock(now) })
  const one = fed(strategy as WatermarkStrategy<unknown>, 1, { services })
  one.feed.emit({ at }, source, 'key', [], place(0), 3)
  return { letters: services.deadLetters, emitted: one.elements.filter(({ kind }) => kind === 'record').length }
}

describe('a bound on how far ahead a timestamp may lie', () => {
  const ofSource = boundedOutOfOrderness(0)
    .withMaxAhead(day)
    .withTimestamps((click: Click) => click.at)
  const ofClock = boundedOutOfOrderness(0)
    .withMaxAhead(day, 'clock')
    .withTimestamps((click: Click) => click.at)
  const itself = boundedOutOfOrderness(0).withMaxAhead(day, 'clock')

  it.each<[string, WatermarkStrategy<Click>, Parameters<typeof played>[1], number]>([
    ['of the source: up to the bound', ofSource, { at: t + day, now: 0 }, 1],
    ['of the source: beyond it', ofSource, { at: t + day + 1, now: t + 2 * day }, 0],
    ['of the source: as old as it likes', ofSource, { at: 0 }, 1],
    ['of the clock: up to the bound', ofClock, { at: t + day, source: 0 }, 1],
    ['of the clock: beyond it', ofClock, { at: t + day + 1, source: t + 2 * day }, 0],
    ["of the clock: the source's own", itself, { at: 0, source: t + day + 1 }, 0],
    ['of the clock, where the source has none: up to the bound', ofSource, { at: t + day, source: -1 }, 1],
    ['of the clock, where the source has none: beyond it', ofSource, { at: t + day + 1, source: -1 }, 0],
  ])('counts %s', (_, strategy, given, emitted) => {
    const seen = played(strategy, given)
    expect([seen.emitted, seen.letters.length]).toEqual([emitted, 1 - emitted])
  })

  it('makes a letter of the record as it was read', () => {
    const { letters } = played(ofSource, { at: t * 1_000 })
    expect(letters).toMatchObject([
      {
        record: { value: { at: t * 1_000 }, timestamp: t, key: 'key', offset: 3 },
        operator: 'source',
        error: { code: 'TIMESTAMP_AHEAD', badRecord: true, where: { operator: 'source', ...place(0), offset: 3 } },
      },
    ])
  })

  it('is kept, whatever else is added to the strategy', () => {
    const bound = { ms: 5, of: 'source' }
    const made = boundedOutOfOrderness(1)
      .withMaxAhead(5)
      .withIdleness(9)
      .withAlignment(3)
      .withTimestamps(() => 0)
    expect(made).toMatchObject({ maxAhead: bound, outOfOrderness: 1, idleness: 9 })
    expect(noWatermarks().withMaxAhead(5).maxAhead).toEqual(bound)
  })

  it.each([[-1], [Number.NaN], [Infinity], ['5' as unknown as number]])('cannot be %s', (ms) => {
    expect(thrownBy(() => noWatermarks().withMaxAhead(ms))).toMatchObject({ code: 'BAD_OPTION' })
    expect(thrownBy(() => noWatermarks().withMaxAhead(1, 'broker' as never))).toMatchObject({ code: 'BAD_OPTION' })
  })
})

describe('a record in microseconds', () => {
  const source = () =>
    memorySource<Click>({ partitions: [[]], unbounded: true, timestamp: ({ id = 0 }) => t + id, id: 'source' })

  it('makes nothing late, before a restore and after it', async () => {
    const [from, storage, into] = [source(), memoryStorage(), memorySink<string>()]
    const strategy = boundedOutOfOrderness(0)
      .withMaxAhead(day)
      .withTimestamps((click: Click) => click.at)
    const job = defineJob(
      'windows',
      (builder) =>
        builder.from(from, strategy).pipe(
          keyBy(() => 'all'),
          window(tumbling(1_000)).aggregate(
            { create: () => 0, add: (count: number) => count + 1, result: String },
            { id: 'count' },
          ),
          to(into),
        ),
      { onError: 'skip' },
    )
    const first = start(job, { storage })
    from.push({ at: t }, { at: t * 1_000 }, { at: t + 1_000 }, { at: t + 2_000 })
    await first.clock.advanceAsync(2_000)
    await Promise.all([first.handle.cancel(), first.clock.advanceAsync(10)])
    const again = start(job, { storage })
    from.push({ at: t + 2_500 }, { at: t + 3_000 }, { at: t * 1_000 }, { at: t + 4_000 })
    await again.clock.advanceAsync(2_000)
    expect(into.committed).toEqual(['1', '1', '2', '1'])
    const types = [...first.events, ...again.events].map(({ type }) => type)
    expect(types).not.toContain('late-records')
    expect(types.filter((type) => type === 'bad-records')).toHaveLength(2)
  })

  it.each([
    ['without watermarks', noWatermarks()],
    ['with them', boundedOutOfOrderness(0)],
  ])('makes dedupe forget nothing: %s', async (_, marks) => {
    const [from, into] = [source(), memorySink<number>()]
    const job = defineJob(
      'dedupe',
      (builder) =>
        builder
          .from(
            from,
            marks.withMaxAhead(day).withTimestamps((click: Click) => click.at),
          )
          .pipe(
            keyBy(({ id = 0 }) => id),
            dedupe(({ id = 0 }) => id, 3_600_000, { id: 'once' }),
            keyBy(({ id = 0 }) => id),
            to({ ...into, open: async (attempt) => ids(await into.open(attempt)) }),
          ),
      { onError: 'skip' },
    )
    const running = start(job)
    from.push({ at: t, id: 1 }, { at: t + 10, id: 1 }, { at: t * 1_000, id: 99 })
    await running.clock.advanceAsync(5_000)
    from.push({ at: t + 20, id: 1 }, { at: t + 30, id: 2 })
    await running.clock.advanceAsync(2_000)
    expect(into.committed).toEqual([1, 2])
  })
})

type Writer = Awaited<ReturnType<ReturnType<typeof memorySink<number>>['open']>>

/** Writes the ids alone. */
function ids(writer: Writer) {
  return {
    ...writer,
    write: (record: { value: Click }) => writer.write({ ...record, value: record.value.id } as never),
  }
}
