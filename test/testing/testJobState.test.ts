/** The keyed state of a job under test: seen from outside, restored, and handed to another version of the job. */
import { describe, expect, it } from 'vitest'
import {
  dedupe,
  defineJob,
  json,
  keyBy,
  map,
  mapWithState,
  memorySink,
  memorySource,
  scan,
  to,
} from '../../src/index.ts'
import { keyed, statefulRules } from '../../src/operators/keyed/keyed.ts'
import { testJob } from '../../src/testing/index.ts'

interface Click {
  readonly user: string
  readonly page: string
}

const clicks = memorySource<Click>({ partitions: [[]], unbounded: true, topic: 'clicks' })
const seen = memorySink<unknown>({ id: 'seen' })

const pages = defineJob('pages', ({ from }) =>
  from(clicks).pipe(
    keyBy(({ user }) => user),
    dedupe(({ page }) => page, 1_000, { id: 'once' }),
    scan((count) => count + 1, 0, { id: 'count' }),
    to(seen),
  ),
)

const click = (user: string, page = 'home'): Click => ({ user, page })

describe('the state of an operator', () => {
  it('is found by operator and key', () => {
    const test = testJob(pages)
    expect(test.state('count').get('ann')).toBeUndefined()
    for (const page of ['home', 'home', 'shop']) test.push(click('ann', page))
    test.push(click('bob'))
    expect(test.state<number>('count').get('ann')).toBe(2)
    expect([...test.state('count').keys()].sort()).toEqual(['ann', 'bob'])
  })

  it('is a map for each key, if the operator has that', () => {
    const test = testJob(pages)
    test.push(click('ann', 'home'))
    test.push(click('ann', 'shop'))
    const once = test.state<true>('once')
    expect([once.get('ann', 'shop'), once.get('ann', 'cart'), once.get('bob', 'home')]).toEqual([
      true,
      undefined,
      undefined,
    ])
    expect(once.map('ann')).toEqual(
      new Map([
        ['home', true],
        ['shop', true],
      ]),
    )
    expect(once.map('bob').size).toBe(0)
    expect(once.keys()).toEqual(['ann'])
  })

  it('is not there once it has expired', () => {
    const test = testJob(pages)
    test.push(click('ann', 'home'), { timestamp: 10 })
    test.push(click('ann', 'shop'), { timestamp: 500 })
    test.push(click('bob', 'home'), { timestamp: 1_200 })
    const once = test.state('once')
    expect([once.get('ann', 'home'), once.get('ann', 'shop')]).toEqual([undefined, true])
    expect([...once.map('ann').keys()]).toEqual(['shop'])
    test.push(click('bob', 'home'), { timestamp: 5_000 })
    expect(once.keys()).toEqual(['bob'])
  })

  it('is a copy: to look at it, or to change what was found, changes nothing', async () => {
    const lists = defineJob('lists', ({ from }) =>
      from(clicks).pipe(
        keyBy(({ user }) => user),
        scan(
          (all, { page }) => {
            all.push(page)
            return all
          },
          (): string[] => [],
          { id: 'pages' },
        ),
        map((all) => all.length),
        to(seen),
      ),
    )
    const test = testJob(lists)
    test.push(click('ann'))
    const barrier = test.checkpoint()
    test.state<string[]>('pages').get('ann')?.push('mine')
    test.push(click('ann'))
    expect(test.state('pages').get('ann')).toEqual(['home', 'home'])
    await barrier
    await test.restore()
    expect(test.state('pages').get('ann')).toEqual(['home', 'home'])
  })

  it('is restored with the checkpoint', async () => {
    const test = testJob(pages)
    test.push(click('ann', 'home'))
    const count = test.state<number>('count')
    const first = await test.checkpoint()
    test.push(click('ann', 'shop'))
    await test.checkpoint()
    test.push(click('ann', 'cart'))
    await test.restore()
    expect(count.get('ann')).toBe(3)
    await test.restore(first)
    expect(count.get('ann')).toBe(3)
    expect(test.sink(seen).values).toEqual([1, 2, 3])
  })

  it('is still there after a checkpoint in which it has not changed', async () => {
    const test = testJob(pages)
    test.push(click('ann', 'home'))
    await test.checkpoint()
    for (let n = 0; n < 3; n++) {
      await test.restore()
      await test.checkpoint()
    }
    await test.restore()
    expect(test.state('count').get('ann')).toBe(1)
  })

  it('has a name, if there are several', () => {
    const two = keyed<Click, string, number>('two', { id: 'two' }, statefulRules, ({ store }) => {
      const spec = { serde: json<number>() }
      const values = store.values<string, number>('a', spec)
      const maps = store.maps<string, string, number>('b', spec)
      return {
        record({ key, value }) {
          values.set(key, 1)
          maps.set(key, value.page, 2)
        },
      }
    })
    const job = defineJob('two', ({ from }) =>
      from(clicks).pipe(
        keyBy(({ user }) => user),
        two,
        to(seen),
      ),
    )
    const test = testJob(job)
    test.push(click('ann'))
    expect(test.state('two', 'a').get('ann')).toBe(1)
    expect(test.state('two', 'b').get('ann', 'home')).toBe(2)
    expect(() => test.state('two').get('ann')).toThrow(
      expect.objectContaining({ code: 'NO_SUCH_STATE', hint: expect.stringContaining('"a", "b"') }),
    )
  })

  it('that there is not, or of another kind, is an error that says what there is', () => {
    const test = testJob(pages)
    const said = (code: string, operator: string, hint: string) =>
      expect.objectContaining({ code, where: { operator }, hint: expect.stringContaining(hint) })
    expect(() => test.state('none').get('ann')).toThrow(said('NO_SUCH_STATE', 'none', '"once", "count"'))
    expect(() => test.state('count', 'other').get('ann')).toThrow(said('NO_SUCH_STATE', 'count', '"state"'))
    expect(() => test.timers('none')).toThrow(said('NO_SUCH_STATE', 'none', '"once", "count"'))
    expect(() => test.state('once').get('ann')).toThrow(said('WRONG_STATE_KIND', 'once', 'get(key, sub)'))
    expect(() => test.state('count').get('ann', 'home')).toThrow(said('WRONG_STATE_KIND', 'count', 'get(key)'))
    expect(() => test.state('count').map('ann')).toThrow(said('WRONG_STATE_KIND', 'count', 'get(key)'))
    expect(test.timers('count')).toEqual({ event: [], processing: [] })
  })
})

describe('another version of the job', () => {
  const named = (id: string) =>
    defineJob('pages', ({ from }) =>
      from(clicks).pipe(
        keyBy(({ user }) => user),
        scan((count) => count + 1, 0, { id }),
        to(seen),
      ),
    )
  const v2 = defineJob('pages', ({ from }) =>
    from(clicks).pipe(
      keyBy(({ user }) => user),
      scan(
        (state, { page }) => ({ count: state.count + 1, last: page }),
        { count: 0, last: '' },
        {
          id: 'count',
          version: 2,
          migrate: { 1: (count: number) => ({ count, last: 'unknown' }) },
        },
      ),
      to(seen),
    ),
  )

  const checkpointOfV1 = async () => {
    const test = testJob(named('count'))
    test.push(click('ann'))
    test.push(click('ann'))
    return test.checkpoint()
  }

  it('continues from a checkpoint of the one before: its state is migrated, its source continues where it was', async () => {
    const test = testJob(v2, { restoreFrom: await checkpointOfV1() })
    expect(test.state('count').get('ann')).toEqual({ count: 2, last: 'unknown' })
    expect(test.sink(seen).values).toEqual([])
    test.push(click('ann', 'shop'))
    expect(test.sink(seen).records[0]).toMatchObject({ value: { count: 3, last: 'shop' }, offset: 2 })
    await test.restore()
    expect(test.sink(seen).values).toEqual([{ count: 3, last: 'shop' }])
    expect((await test.checkpoint()).checkpoint).toBe(2)
    await test.restore()
    expect(test.state('count').get('ann')).toEqual({ count: 3, last: 'shop' })
  })

  it('that has lost an operator is refused, unless its state may be lost', async () => {
    const restoreFrom = await checkpointOfV1()
    expect(() => testJob(named('other'), { restoreFrom })).toThrow(
      expect.objectContaining({ code: 'STATE_UNCLAIMED', where: { operator: 'count' } }),
    )
    const test = testJob({ ...named('other'), allowDropped: { state: ['count'] } }, { restoreFrom })
    test.push(click('ann'))
    expect(test.sink(seen).values).toEqual([1])
    const dropping = { ...named('other'), allowDropped: { state: true } }
    expect(testJob(dropping, { restoreFrom }).sink(seen).values).toEqual([])
  })

  it('that has lost a source is refused', async () => {
    const other = memorySource<Click>({ partitions: [[]], unbounded: true, topic: 'other' })
    const moved = defineJob('pages', ({ from }) =>
      from(other).pipe(
        keyBy(({ user }) => user),
        scan((count) => count + 1, 0, { id: 'count' }),
        to(seen),
      ),
    )
    const restoreFrom = await checkpointOfV1()
    expect(() => testJob(moved, { restoreFrom })).toThrow(
      expect.objectContaining({ code: 'SOURCE_MISSING', where: { operator: 'memorySource:clicks' } }),
    )
  })

  it('that keeps something else under the same id is refused, unless that may be lost', async () => {
    const other = defineJob('pages', ({ from }) =>
      from(clicks).pipe(
        keyBy(({ user }) => user),
        dedupe(({ page }) => page, 10, { id: 'count' }),
        to(seen),
      ),
    )
    const restoreFrom = await checkpointOfV1()
    expect(() => testJob(other, { restoreFrom })).toThrow(
      expect.objectContaining({ code: 'STATE_UNCLAIMED', message: expect.stringContaining('the value "state"') }),
    )
    testJob({ ...other, allowDropped: { state: ['count'] } }, { restoreFrom })
  })

  it('that knows only an older version is refused', async () => {
    const test = testJob(v2)
    test.push(click('ann'))
    const restoreFrom = await test.checkpoint()
    expect(() => testJob(named('count'), { restoreFrom })).toThrow(expect.objectContaining({ code: 'STATE_TOO_NEW' }))
  })

  it('cannot be restored from a checkpoint of another test halfway', async () => {
    const test = testJob(named('count'))
    await expect(test.restore(await checkpointOfV1())).rejects.toMatchObject({
      code: 'FOREIGN_CHECKPOINT',
      hint: expect.stringContaining('restoreFrom'),
    })
    test.push(click('ann'))
    expect(test.sink(seen).values).toEqual([1])
  })
})

describe('state that is forgotten', () => {
  it('is not there', () => {
    const job = defineJob('toggle', ({ from }) =>
      from(clicks).pipe(
        keyBy(({ user }) => user),
        mapWithState((on, { page }) => [on ? undefined : true, page], false, { id: 'toggle', ttl: 1_000 }),
        to(seen),
      ),
    )
    const test = testJob(job)
    test.push(click('ann'))
    expect(test.state('toggle').get('ann')).toBe(true)
    test.push(click('ann'))
    expect(test.state('toggle').keys()).toEqual([])
  })
})
