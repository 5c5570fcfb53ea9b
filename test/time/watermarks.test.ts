import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineJob } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { to } from '../../src/operators/to.ts'
import type { StreamRecord } from '../../src/record.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import {
  boundedOutOfOrderness,
  monotonousTimestamps,
  noWatermarks,
  type WatermarkStrategy,
} from '../../src/time/watermarks.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

describe('a watermark strategy', () => {
  it('gathers what its methods say, in any order, and is never changed by them', () => {
    const first = boundedOutOfOrderness(5)
    const at = ({ at }: { at: number }) => at
    const full = first.withAlignment(7, 'g').withIdleness(9).withTimestamps(at).withAlignment(8)
    expect(full).toMatchObject({
      outOfOrderness: 5,
      timestamps: at,
      idleness: 9,
      alignment: { maxDrift: 8, group: 'default' },
    })
    expect(first).toMatchObject({ timestamps: undefined, idleness: undefined, alignment: undefined })
  })

  it('for monotonous timestamps allows for no delay, and without watermarks says nothing', () => {
    expect(monotonousTimestamps().outOfOrderness).toBe(0)
    expect(noWatermarks().outOfOrderness).toBeUndefined()
    expect(noWatermarks().withTimestamps(() => 1).outOfOrderness).toBeUndefined()
  })

  const wrong: readonly (readonly [string, () => unknown])[] = [
    ['boundedOutOfOrderness: ms is NaN', () => boundedOutOfOrderness(Number.NaN)],
    ['boundedOutOfOrderness: ms is -1', () => boundedOutOfOrderness(-1)],
    ['boundedOutOfOrderness: ms is Infinity', () => boundedOutOfOrderness(Infinity)],
    ['boundedOutOfOrderness: ms is of type string', () => boundedOutOfOrderness('5s' as never)],
    ['withTimestamps', () => noWatermarks().withTimestamps('at' as never)],
    ['withIdleness: ms is 0', () => monotonousTimestamps().withIdleness(0)],
    ['withIdleness: ms is 0.5', () => monotonousTimestamps().withIdleness(0.5)],
    ['withIdleness: ms is NaN', () => monotonousTimestamps().withIdleness(Number.NaN)],
    ['withIdleness: ms is 2147483648', () => monotonousTimestamps().withIdleness(2 ** 31)],
    ['withIdleness has no effect after noWatermarks()', () => noWatermarks().withIdleness(1)],
    ['withAlignment: maxDrift is -1', () => monotonousTimestamps().withAlignment(-1)],
    ['withAlignment: maxDrift is Infinity', () => monotonousTimestamps().withAlignment(Infinity)],
    ['withAlignment', () => monotonousTimestamps().withAlignment(1, '')],
    ['withAlignment has no effect after noWatermarks()', () => noWatermarks().withAlignment(1)],
  ]

  it.each(wrong)('refuses %s, with a hint', (says, make) => {
    const error = thrownBy(make)
    expect(error).toMatchObject({ code: 'BAD_OPTION', consequence: 'fatal', hint: expect.any(String) })
    expect(error.message).toContain(says)
  })

  it('takes the largest that a timer can wait for, and no drift at all', () => {
    expect(
      monotonousTimestamps()
        .withIdleness(2 ** 31 - 1)
        .withAlignment(0).idleness,
    ).toBe(2 ** 31 - 1)
  })
})

/** These are judged by the compiler (`npm run types`): no annotation below is one that a user would have to write. */
describe('the types of a watermark strategy', () => {
  interface Click {
    readonly at: number
    readonly page: string
  }
  const clicks = memorySource<Click>([])
  const into = memorySink<Click>()

  it('let withTimestamps know the values of the source', () => {
    defineJob('clicks', ({ from }) =>
      from(
        clicks,
        boundedOutOfOrderness(5_000)
          .withIdleness(60_000)
          .withTimestamps((click, record) => {
            expectTypeOf(click).toEqualTypeOf<Click>()
            expectTypeOf(record).toEqualTypeOf<StreamRecord<Click>>()
            return click.at
          }),
      ).pipe(to(into)),
    )
  })

  it('fit a source of any type as long as they look at no value, and the source decides what the elements are', () => {
    defineJob('clicks', ({ from }) => {
      const strategies = [noWatermarks(), boundedOutOfOrderness(1), monotonousTimestamps().withIdleness(1)]
      expectTypeOf(strategies).toEqualTypeOf<WatermarkStrategy<unknown>[]>()
      const timed = monotonousTimestamps().withTimestamps((value: { readonly at: number }) => value.at)
      return [from(clicks, boundedOutOfOrderness(1)).pipe(to(into)), from(clicks, timed).pipe(to(into))]
    })
  })

  it('refuse functions of other values, and what is no number', () => {
    defineJob('clicks', ({ from }) => {
      const numbers = monotonousTimestamps().withTimestamps((value: number) => value)
      // @ts-expect-error: the source has clicks
      const wrong = from(clicks, numbers)
      // @ts-expect-error: a date is no timestamp
      monotonousTimestamps().withTimestamps((click: Click) => new Date(click.at))
      return wrong.pipe(to(into))
    })
  })
})
