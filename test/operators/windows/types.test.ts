import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type Aggregator,
  early,
  globalWindow,
  keyBy,
  map,
  onCount,
  session,
  sideOutput,
  sliding,
  tumbling,
  window,
} from '../../../src/index.ts'
import type { StreamRecord } from '../../../src/record.ts'
import type { Stream } from '../../../src/stream.ts'
import { cold } from '../../../src/testing/index.ts'

interface Click {
  readonly user: string
  readonly ms: number
}

interface About {
  readonly key: string
  readonly window: { readonly start: number; readonly end: number }
}

/** These are judged by the compiler (`npm run types`): no annotation below is one that a user would have to write. */
describe('types of windows are inferred', () => {
  const clicks = cold<Click>('R|').pipe(keyBy((click) => click.user))
  const options = { id: 'w' }

  it('through aggregate', () => {
    const averages = clicks.pipe(
      window(tumbling(60_000), { allowedLateness: 5_000 }).aggregate(
        {
          create: () => ({ n: 0, sum: 0 }),
          add({ n, sum }, click, record) {
            expectTypeOf(record).toEqualTypeOf<StreamRecord<Click>>()
            return { n: n + 1, sum: sum + click.ms }
          },
          result({ n, sum }, about) {
            expectTypeOf(about).branded.toEqualTypeOf<About>()
            return `${about.key} ${about.window.start}: ${sum / n}`
          },
        },
        options,
      ),
    )
    expectTypeOf(averages).toEqualTypeOf<Stream<string, string>>()
  })

  it('through reduce and process, in the middle of a pipeline', () => {
    const longest = clicks.pipe(
      window(sliding(60_000, 10_000)).reduce((a, b) => (a.ms > b.ms ? a : b), options),
      map(({ ms }) => ms),
    )
    expectTypeOf(longest).toEqualTypeOf<Stream<number, string>>()
    const lists = clicks.pipe(
      window(globalWindow(), { trigger: onCount(3) }).process((all, about) => {
        expectTypeOf(all).toEqualTypeOf<readonly Click[]>()
        expectTypeOf(about).branded.toEqualTypeOf<About>()
        return all.map(({ ms }) => ms)
      }, options),
      map((all) => all.length),
    )
    expectTypeOf(lists).toEqualTypeOf<Stream<number, string>>()
  })

  it('through sessions, where merge sees accumulators', () => {
    const counts = clicks.pipe(
      window(session(1_000), { trigger: early(100) }).aggregate(
        { create: () => 0, add: (n) => n + 1, merge: (a, b) => a + b, result: (n, { key }) => ({ n, key }) },
        options,
      ),
    )
    expectTypeOf(counts).branded.toEqualTypeOf<Stream<{ n: number; key: string }, string>>()
  })

  it('with an aggregator that was made for a stream without windows', () => {
    const count: Aggregator<unknown, number, number> = { create: () => 0, add: (n) => n + 1, result: (n) => n }
    const counts = clicks.pipe(window(tumbling(10)).aggregate(count, options))
    expectTypeOf(counts).toEqualTypeOf<Stream<number, string>>()
  })

  it('with a late output of the values of the records, or of more', () => {
    const late = sideOutput<Click>()
    const more = sideOutput<Click | string>()
    const counts = clicks.pipe(window(tumbling(10), { late }).process((all) => all.length, options))
    expectTypeOf(counts).toEqualTypeOf<Stream<number, string>>()
    expectTypeOf(late.pipe(map((click) => click.ms))).toEqualTypeOf<Stream<number>>()
    clicks.pipe(window(session(10), { late: more }).reduce((a) => a, options))
  })

  it('and what does not fit does not compile', () => {
    const { aggregate } = window(tumbling(10))
    // @ts-expect-error: the late output takes strings
    clicks.pipe(window(tumbling(10), { late: sideOutput<string>() }).process((all) => all.length, options))
    const unkeyed = cold<Click>('R|')
    // @ts-expect-error: the stream has no keys
    unkeyed.pipe(window(tumbling(10)).process((all) => all.length, options))
    // @ts-expect-error: clicks have no length
    clicks.pipe(window(tumbling(10)).process((all) => all.map((click) => click.length), options))
    // @ts-expect-error: keys are strings
    clicks.pipe(window(tumbling(10)).process((_, { key }) => key.toFixed(), options))
    // @ts-expect-error: the accumulator is a number
    clicks.pipe(aggregate({ create: () => 0, add: (n) => `${n}`, result: (n) => n }, options))
    // @ts-expect-error: the codec is for strings
    clicks.pipe(window(tumbling(10)).reduce((a) => a, { ...options, codec: strings }))
    // @ts-expect-error: windows end by themselves
    expect(() => clicks.pipe(window(tumbling(10)).reduce((a) => a, { ...options, ttl: 5 }))).toThrow('"ttl"')
    // @ts-expect-error: without an id there is no state
    expect(() => clicks.pipe(window(tumbling(10)).reduce((a) => a, {}))).toThrow('BAD_OPTION')
    expect(() =>
      // @ts-expect-error: sessions merge
      clicks.pipe(window(session(10)).aggregate({ create: () => 0, add: (n) => n, result: (n) => n }, options)),
    ).toThrow(expect.objectContaining({ code: 'BAD_OPTION', where: { operator: 'w' } }))
    // @ts-expect-error: no record is late for the global window
    expect(() => window(globalWindow(), { trigger: onCount(1), allowedLateness: 5 })).toThrow('"allowedLateness"')
  })
})

const strings = { encode: (value: string) => Buffer.from(value), decode: String }
