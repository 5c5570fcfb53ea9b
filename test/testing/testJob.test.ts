import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  asyncMap,
  boundedOutOfOrderness,
  dedupe,
  defineJob,
  filter,
  keyBy,
  map,
  memorySink,
  memorySource,
  merge,
  scan,
  to,
} from '../../src/index.ts'
import type { StreamRecord } from '../../src/record.ts'
import { type JobCheckpoint, type JobTest, type TestSource, testJob } from '../../src/testing/index.ts'

interface Click {
  readonly user: string
  readonly at: number
}

interface Count {
  readonly user: string
  readonly count: number
}

const clicks = memorySource<Click>({ partitions: [[]], unbounded: true, topic: 'clicks' })
const counts = memorySink<Count>({ id: 'counts' })

const counting = defineJob('counting', ({ from }) =>
  from(clicks).pipe(
    keyBy(({ user }) => user),
    scan((count) => count + 1, 0, { id: 'count' }),
    map((count, { key }) => ({ user: key, count })),
    to(counts),
  ),
)

const click = (user: string, at = 0): Click => ({ user, at })
const shown = (values: readonly Count[]): string => values.map(({ user, count }) => `${user}${count}`).join(' ')

describe('a job under test', () => {
  it('has processed what is pushed when push returns, and says what it has written', () => {
    const test = testJob(counting)
    test.source(clicks).push(click('ann'))
    test.push(click('bob'))
    test.source<Click>('clicks').push(click('ann'))
    expect(test.sink(counts).values).toEqual([
      { user: 'ann', count: 1 },
      { user: 'bob', count: 1 },
      { user: 'ann', count: 2 },
    ])
  })

  it('gives records their timestamp, key, headers and place', () => {
    const test = testJob(counting)
    const headers = [{ name: 'h', value: null }]
    test.push(click('ann'))
    test.push(click('ann'), { timestamp: 77, key: 'replaced by keyBy', headers, partition: 3 })
    const [first, second] = test.sink(counts).records
    expect(first).toMatchObject({ timestamp: 0, key: 'ann', split: { topic: 'clicks', partition: 0 }, offset: 0 })
    expect(second).toMatchObject({ timestamp: 77, key: 'ann', headers, split: { partition: 3 }, offset: 0 })
  })

  it('hands out what is new since the last time', () => {
    const test = testJob(counting)
    test.push(click('ann'))
    expect(shown(test.sink(counts).drain())).toBe('ann1')
    test.push(click('ann'))
    test.push(click('bob'))
    expect(shown(test.sink(counts).drain())).toBe('ann2 bob1')
    expect(test.sink(counts).drain()).toEqual([])
  })

  it('commits with a checkpoint what was written before it', async () => {
    const test = testJob(counting)
    test.push(click('ann'))
    const checkpoint = await test.checkpoint()
    test.push(click('ann'))
    const sink = test.sink(counts)
    expect([shown(sink.committed), shown(sink.uncommitted), shown(sink.values)]).toEqual(['ann1', 'ann2', 'ann1 ann2'])
    expect(checkpoint.checkpoint).toBe(1)
    await test.checkpoint()
    expect(shown(sink.committed)).toBe('ann1 ann2')
  })

  it('goes on after a crash as a real one would: what is not committed is gone, read again, and there again', async () => {
    let calls = 0
    const noisy = defineJob('noisy', ({ from }) =>
      from(clicks).pipe(
        keyBy(({ user }) => user),
        scan((count) => count + 1, 0, { id: 'count' }),
        map((count, { key }) => ({ user: `${key}/${++calls}/`, count })),
        to(counts),
      ),
    )
    const test = testJob(noisy)
    test.push(click('ann'))
    await test.checkpoint()
    test.push(click('ann'))
    test.push(click('bob'))
    expect(shown(test.sink(counts).drain())).toBe('ann/1/1 ann/2/2 bob/3/1')
    await test.restore()
    expect(shown(test.sink(counts).values)).toBe('ann/1/1 ann/4/2 bob/5/1')
    expect(shown(test.sink(counts).drain())).toBe('ann/4/2 bob/5/1')
    test.push(click('ann'))
    expect(shown(test.sink(counts).uncommitted)).toBe('ann/4/2 bob/5/1 ann/6/3')
  })

  it('begins anew after a crash before the first checkpoint', async () => {
    const test = testJob(counting)
    test.push(click('ann'))
    await test.restore()
    expect(shown(test.sink(counts).values)).toBe('ann1')
  })

  it('can go back to an older checkpoint, with what was committed then', async () => {
    const test = testJob(counting)
    test.push(click('ann'))
    const first = await test.checkpoint()
    test.push(click('ann'))
    await test.checkpoint()
    test.push(click('ann'))
    await test.restore(first)
    const sink = test.sink(counts)
    expect([shown(sink.committed), shown(sink.uncommitted)]).toEqual(['ann1', 'ann2 ann3'])
    expect((await test.checkpoint()).checkpoint).toBe(2)
    await test.restore()
    test.push(click('ann'))
    expect(shown(sink.values)).toBe('ann1 ann2 ann3 ann4')
  })

  it('ends: the last checkpoint commits everything, and nothing can be pushed any more', async () => {
    const test = testJob(counting)
    test.push(click('ann'))
    await test.end()
    expect(shown(test.sink(counts).committed)).toBe('ann1')
    expect(() => test.push(click('ann'))).toThrow(expect.objectContaining({ code: 'SOURCE_ENDED' }))
    await test.restore()
    test.push(click('ann'))
    expect(shown(test.sink(counts).values)).toBe('ann1 ann2')
  })
})

describe('several sources and sinks', () => {
  const orders = memorySource<{ readonly id: number }>({ partitions: [[]], unbounded: true, topic: 'orders' })
  const rest = memorySink<Click | { readonly id: number }>({ id: 'rest' })
  const job = defineJob('several', ({ from }) => {
    const all = merge(from(clicks), from(orders))
    return [
      all.pipe(
        filter((one) => 'user' in one),
        map(({ user }) => ({ user, count: 0 })),
        to(counts),
      ),
      all.pipe(to(rest)),
    ]
  })

  it('are called by themselves, by id, or by topic', () => {
    const shared = defineJob('shared', ({ from }) => {
      const all = merge(from(clicks), from(orders))
      return all.pipe(to(rest))
    })
    const test = testJob(shared)
    test.source(orders).push({ id: 1 })
    test.source('orders').push({ id: 2 })
    test.source('memorySource:orders').push({ id: 3 })
    test.source(clicks).push(click('ann'))
    expect(test.sink(rest).values).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, click('ann')])
    expect(test.sink('rest').values).toEqual(test.sink().values)
    expect([test.source('orders').id, test.sink().id]).toEqual(['memorySource:orders', 'rest'])
  })

  it('are in one checkpoint, and are read again in the order in which things were pushed', async () => {
    const forked = defineJob('forked', ({ from }) => {
      const all = merge(from(clicks), from(orders))
      return all.pipe(to(rest))
    })
    const test = testJob(forked)
    test.source(clicks).push(click('before'))
    const { positions } = await test.checkpoint()
    expect(positions.get('memorySource:clicks')).toEqual([{ topic: 'clicks', partition: 0, offset: 1 }])
    test.source(clicks).push(click('a'))
    test.source(orders).push({ id: 1 })
    test.source(clicks).push(click('b'), { partition: 1 })
    test.source(orders).push({ id: 2 })
    const before = test.sink(rest).values
    await test.restore()
    expect(test.sink(rest).values).toEqual(before)
    expect(test.sink(rest).uncommitted).toHaveLength(4)
  })

  it('that there are not are an error that lists those that there are', () => {
    const test = testJob(job)
    const said = (code: string, what: string, hint: string) =>
      expect.objectContaining({
        code,
        consequence: 'fatal',
        message: expect.stringContaining(what),
        hint: expect.stringContaining(hint),
      })
    expect(() => test.source('kicks')).toThrow(
      said(
        'NO_SUCH_SOURCE',
        'no source "kicks"',
        '"memorySource:clicks" or "clicks", "memorySource:orders" or "orders"',
      ),
    )
    expect(() => test.source()).toThrow(said('NO_SUCH_SOURCE', '2 sources', '"orders"'))
    expect(() => test.push(1)).toThrow(said('NO_SUCH_SOURCE', '2 sources', '"orders"'))
    expect(() => test.sink('none')).toThrow(said('NO_SUCH_SINK', 'no sink "none"', '"counts", "rest"'))
    expect(() => test.sink()).toThrow(said('NO_SUCH_SINK', '2 sinks', '"counts", "rest"'))
    expect(() => test.sink(memorySink({ id: 'other' }))).toThrow(said('NO_SUCH_SINK', 'no sink "other"', '"rest"'))
  })
})

describe('a job that pushes into its own source', () => {
  it('reads that after what it is at', () => {
    const job = defineJob('echo', ({ from }) =>
      from(clicks).pipe(
        map(({ user }) => {
          if (user.length < 3) test.push(click(`${user}!`))
          return { user, count: 0 }
        }),
        to(counts),
      ),
    )
    const test: JobTest = testJob(job)
    test.push(click('a'))
    test.push(click('done'))
    expect(test.sink(counts).values.map(({ user }) => user)).toEqual(['a', 'a!', 'a!!', 'done'])
  })
})

describe('whatever crashes in between', () => {
  const act = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ user: fc.constantFrom('ann', 'bob', 'eve'), at: fc.integer({ min: 0, max: 90 }) }),
    },
    { weight: 1, arbitrary: fc.constantFrom('checkpoint' as const, 'restore' as const, 'older' as const) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 }) },
  )
  const job = defineJob('everything', ({ from }) =>
    from(
      clicks,
      boundedOutOfOrderness(10).withTimestamps<Click>(({ at }) => at),
    ).pipe(
      keyBy(({ user }) => user),
      dedupe(({ at }) => at % 7, 1_000, { id: 'dedupe' }),
      asyncMap(async ({ user }) => user),
      keyBy((user) => user),
      scan((count) => count + 1, 0, { id: 'count' }),
      map((count, { key }) => ({ user: key, count })),
      to(counts),
    ),
  )

  it('the outcome is that of a run without a crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const test = testJob(job)
        const calm = testJob(job)
        let older: JobCheckpoint | undefined
        for (const one of acts) {
          if (one === 'checkpoint') older = await test.checkpoint()
          else if (one === 'restore') await test.restore()
          else if (one === 'older') await test.restore(older)
          else if (typeof one === 'number') await test.advance(one)
          else {
            test.push(one, { partition: one.at % 2 })
            calm.push(one, { partition: one.at % 2 })
          }
        }
        await test.end()
        await calm.end()
        expect(test.sink(counts).committed).toEqual(calm.sink(counts).committed)
      }),
      { numRuns: 100 },
    )
  })
})

describe('the types of a job under test', () => {
  it('are those of the source and the sink', () => {
    const test = testJob(counting)
    expectTypeOf(test.source(clicks)).toEqualTypeOf<TestSource<Click>>()
    expectTypeOf(test.source<Click>('clicks').push).parameter(0).toEqualTypeOf<Click>()
    expectTypeOf(test.sink(counts).values).toEqualTypeOf<readonly Count[]>()
    expectTypeOf(test.sink(counts).records).toEqualTypeOf<readonly StreamRecord<Count>[]>()
    expectTypeOf(test.sink<Count>('counts').drain()).toEqualTypeOf<readonly Count[]>()
    expectTypeOf(test.state<number>('count').get('ann')).toEqualTypeOf<number | undefined>()
    expectTypeOf(test.checkpoint).returns.resolves.toEqualTypeOf<JobCheckpoint>()
    const wrong = () => {
      // @ts-expect-error: a click has a user
      test.source(clicks).push({ at: 3 })
      // @ts-expect-error: a timestamp is a number
      test.source(clicks).push(click('ann'), { timestamp: '3' })
      // @ts-expect-error: keys of state are strings, numbers, bigints and booleans
      test.state('count').get({})
    }
    expectTypeOf(wrong).returns.toBeVoid()
  })
})
