import { distinctUntilChanged, map as rxMap, scan as rxScan } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Serde } from '../../src/index.ts'
import { aggregate } from '../../src/operators/aggregate.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { dedupe } from '../../src/operators/dedupe.ts'
import { filter } from '../../src/operators/filter.ts'
import { flatMap } from '../../src/operators/flatMap.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { lift } from '../../src/operators/lift.ts'
import { map } from '../../src/operators/map.ts'
import { mapWithState } from '../../src/operators/mapWithState.ts'
import { merge } from '../../src/operators/merge.ts'
import { scan } from '../../src/operators/scan.ts'
import { tap } from '../../src/operators/tap.ts'
import { asOutput, to } from '../../src/operators/to.ts'
import type { StreamRecord } from '../../src/record.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import type { Output, Stream } from '../../src/stream.ts'
import { cold, run } from '../../src/testing/index.ts'

/** These are judged by the compiler (`npm run types`): no annotation below is one that a user would have to write. */
describe('types are inferred', () => {
  const lines = cold('R|')
  const sink: TransactionalSink<string> = {
    id: 's',
    guarantee: 'none',
    open: () => Promise.reject(new Error('unused')),
  }

  it('through a whole pipeline', () => {
    const job = lines.pipe(
      map((line) => line.toUpperCase()),
      filter((line) => line.length > 1),
      flatMap((line) => line.split(' ')),
      tap((word, record) =>
        expectTypeOf({ word, record }).toEqualTypeOf<{ word: string; record: StreamRecord<string> }>(),
      ),
      asyncMap(async (word, { signal }) => ({ word, ok: !signal.aborted })),
      map(({ word }) => word),
      to(sink),
    )
    expectTypeOf(job).toEqualTypeOf<Output>()
    expectTypeOf(asOutput(job)).toEqualTypeOf<Output>()
  })

  it('narrowed by a type guard', () => {
    const mixed = lines.pipe(map((line) => (line === '' ? null : line)))
    expectTypeOf(mixed).toEqualTypeOf<Stream<string | null>>()
    const present = mixed.pipe(filter((line) => line !== null))
    expectTypeOf(present).toEqualTypeOf<Stream<string>>()
  })

  it('as the union of what is merged', () => {
    const numbers = lines.pipe(map((line) => line.length))
    expectTypeOf(merge(lines, numbers)).toEqualTypeOf<Stream<string | number>>()
  })

  it('through lifted operators, as in pipe()', () => {
    const lifted = lines.pipe(
      lift(
        rxMap((line) => line.length),
        rxScan((sum, length) => sum + length, 0),
        distinctUntilChanged(),
        rxMap((sum) => ({ sum })),
      ),
    )
    expectTypeOf(lifted).toEqualTypeOf<Stream<{ sum: number }>>()
  })

  it('and a sink refuses what it was not made for', () => {
    const numbers = lines.pipe(map((line) => line.length))
    // @ts-expect-error: the sink takes strings
    numbers.pipe(to(sink))
    const double = map((value: number) => value * 2)
    // @ts-expect-error: letters are strings
    run(double, 'a')
  })
})

interface Click {
  readonly user: string
  readonly ms: number
}

describe('keys and states', () => {
  const byUser = cold<Click>('R|').pipe(keyBy(({ user }) => user))
  const id = 'op'
  const numbers: Serde<number> = { encode: () => null, decode: () => 0 }
  const texts: Serde<string> = { encode: () => null, decode: () => '' }
  type Of<T, K> = Stream<T, K>

  it('a key is of the type that keyBy chooses', () => {
    const clicks = cold<Click>('R|')
    expectTypeOf(byUser).toEqualTypeOf<Of<Click, string>>()
    expectTypeOf(clicks.pipe(keyBy((click) => click.ms))).toEqualTypeOf<Of<Click, number>>()
    expectTypeOf(clicks.pipe(keyBy(({ ms }) => (ms > 3 ? 'slow' : 'fast')))).toEqualTypeOf<Of<Click, 'slow' | 'fast'>>()
    expectTypeOf(clicks.pipe(keyBy((_, { offset }) => BigInt(offset)))).toEqualTypeOf<Of<Click, bigint>>()
    // @ts-expect-error: an object is no key
    clicks.pipe(keyBy((click) => click))
    // @ts-expect-error: neither are bytes
    clicks.pipe(keyBy(({ user }) => Buffer.from(user)))
    // @ts-expect-error: nor what may be missing
    clicks.pipe(keyBy(({ user }) => (user === '' ? undefined : user)))
  })

  it('scan takes the type of its state from the seed, and hands it on with the key', () => {
    const counts = byUser.pipe(scan((count, click) => count + click.ms, 0, { id }))
    expectTypeOf(counts).toEqualTypeOf<Of<number, string>>()
    const lists = byUser.pipe(
      scan(
        (all, { ms }, { key }) => {
          expectTypeOf(key).toEqualTypeOf<string>()
          return [...all, ms]
        },
        (): number[] => [],
        { id, ttl: 60_000 },
      ),
    )
    expectTypeOf(lists).toEqualTypeOf<Of<number[], string>>()
    byUser.pipe(scan((count, click) => count + click.ms, 0, { id, codec: numbers }))
    // @ts-expect-error: the codec is one of texts, the state a number
    byUser.pipe(scan((count, click) => count + click.ms, 0, { id, codec: texts }))
    // @ts-expect-error: the state is a number
    byUser.pipe(scan((_, click) => click.user, 0, { id }))
    // @ts-expect-error: state needs an id
    expect(() => byUser.pipe(scan((count: number) => count, 0, {}))).toThrow('BAD_OPTION')
  })

  it('scan without a seed makes one of two', () => {
    const longest = byUser.pipe(scan((a, b, { key }) => (a.ms > b.ms || key === '' ? a : b), { id }))
    expectTypeOf(longest).toEqualTypeOf<Of<Click, string>>()
    // @ts-expect-error: it must be of the same type
    byUser.pipe(scan((a, b) => a.ms + b.ms, { id }))
    // @ts-expect-error: the codec is one of texts
    byUser.pipe(scan((a) => a, { id, codec: texts }))
  })

  it('aggregate has an accumulator of a type of its own', () => {
    const means = byUser.pipe(
      aggregate(
        {
          create: () => ({ count: 0, sum: 0 }),
          add: ({ count, sum }, { ms }) => ({ count: count + 1, sum: sum + ms }),
          result: ({ count, sum }) => `${sum / count}`,
        },
        { id },
      ),
    )
    expectTypeOf(means).toEqualTypeOf<Of<string, string>>()
    const counting = { create: () => 0, add: (count: number) => count + 1, result: (count: number) => count }
    byUser.pipe(aggregate(counting, { id, codec: numbers }))
    // @ts-expect-error: the codec is one of texts, the accumulator a number
    byUser.pipe(aggregate(counting, { id, codec: texts }))
  })

  it('mapWithState has a state and a result', () => {
    const numbered = byUser.pipe(
      mapWithState((count, { user }) => [count === 9 ? undefined : count + 1, `${user} ${count}`], 0, { id }),
    )
    expectTypeOf(numbered).toEqualTypeOf<Of<string, string>>()
    byUser.pipe(mapWithState((count, { ms }) => [count + 1, ms], 0, { id, codec: numbers }))
    // @ts-expect-error: the codec is one of texts, the state a number
    byUser.pipe(mapWithState((count, { ms }) => [count + 1, ms], 0, { id, codec: texts }))
    // @ts-expect-error: the state is a number
    byUser.pipe(mapWithState((_, { user }) => [user, user], 0, { id }))
    const seedless = byUser.pipe(mapWithState((count: number = 0, { user }) => [count + 1, user], { id }))
    expectTypeOf(seedless).toEqualTypeOf<Of<string, string>>()
    byUser.pipe(mapWithState((count = 0, { user }) => [count + 1, user], { id, codec: numbers }))
  })

  it('dedupe takes what can be a key', () => {
    const once = byUser.pipe(dedupe(({ ms }) => ms, 60_000, { id }))
    expectTypeOf(once).toEqualTypeOf<Of<Click, string>>()
    // @ts-expect-error: an object is no key
    byUser.pipe(dedupe((click) => click, 60_000, { id }))
  })

  it('without keyBy there is no state', () => {
    const clicks = cold<Click>('R|')
    // @ts-expect-error: not keyed
    clicks.pipe(scan((count, click) => count + click.ms, 0, { id }))
    // @ts-expect-error: not keyed
    clicks.pipe(scan((a: Click) => a, { id }))
    // @ts-expect-error: not keyed
    clicks.pipe(aggregate({ create: () => 0, add: (n: number) => n, result: (n: number) => n }, { id }))
    // @ts-expect-error: not keyed
    clicks.pipe(mapWithState((count: number) => [count, count], 0, { id }))
    // @ts-expect-error: not keyed
    clicks.pipe(dedupe(({ ms }: Click) => ms, 60_000, { id }))
  })

  it('keys stay through what only looks at values', () => {
    const through = byUser.pipe(
      map(({ ms }) => ms),
      filter((ms, { key }) => ms > 0 && key !== ''),
      tap((_, { key }) => expectTypeOf(key).toEqualTypeOf<string>()),
      flatMap((ms) => [ms, ms]),
      asyncMap(async (ms) => ms),
      lift(distinctUntilChanged()),
      lift(
        rxMap((ms) => ms + 1),
        rxMap((ms) => ms - 1),
      ),
      scan((sum, ms) => sum + ms, 0, { id }),
      map((sum, { key }) => ({ user: key, sum })),
    )
    expectTypeOf(through).toEqualTypeOf<Of<{ user: string; sum: number }, string>>()
    const guarded = byUser.pipe(
      map(({ ms }) => (ms > 0 ? ms : null)),
      filter((ms) => ms !== null),
    )
    expectTypeOf(guarded).toEqualTypeOf<Of<number, string>>()
  })

  it('a keyed stream goes where any stream does', () => {
    const sink: TransactionalSink<Click> = {
      id: 's',
      guarantee: 'none',
      open: () => Promise.reject(new Error('unused')),
    }
    expectTypeOf(byUser.pipe(to(sink))).toEqualTypeOf<Output>()
    expectTypeOf(merge(byUser, cold<string>('R|'))).toEqualTypeOf<Stream<Click | string>>()
  })
})
