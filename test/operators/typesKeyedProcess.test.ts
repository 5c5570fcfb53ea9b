import { describe, expect, expectTypeOf, it } from 'vitest'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedProcess } from '../../src/operators/keyedProcess.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import type { StreamRecord } from '../../src/record.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'
import { type ListState, listState } from '../../src/state/listState.ts'
import { type MapState, mapState } from '../../src/state/mapState.ts'
import type { StateSpec } from '../../src/state/stateSpec.ts'
import { type ValueState, valueState } from '../../src/state/valueState.ts'
import type { Stream } from '../../src/stream.ts'
import { cold } from '../../src/testing/index.ts'

interface Payment {
  readonly card: string
  readonly amount: number
}

/** Judged by the compiler: no annotation below is one that a user would have to write. */
describe('process infers', () => {
  const payments = cold<Payment>('R|').pipe(keyBy((payment) => payment.card))
  const alerts = sideOutput<{ card: string; total: number }>()

  it('values, keys, state, outputs and results', () => {
    const processed = payments.pipe(
      keyedProcess(
        {
          state: { total: valueState<number>(), items: listState<Payment>(), seen: mapState<string, boolean>() },
          outputs: { alerts },
          onElement(value, { state, key, record, timers, outputs, watermark }) {
            expectTypeOf(value).toEqualTypeOf<Payment>()
            expectTypeOf({ key, watermark }).toEqualTypeOf<{ key: string; watermark: number }>()
            expectTypeOf(record).toEqualTypeOf<StreamRecord<Payment, string>>()
            expectTypeOf(state.total).toEqualTypeOf<ValueState<number>>()
            expectTypeOf(state.items).toEqualTypeOf<ListState<Payment>>()
            expectTypeOf(state.seen).toEqualTypeOf<MapState<string, boolean>>()
            expectTypeOf(outputs.alerts).toEqualTypeOf<(alert: { card: string; total: number }) => void>()
            timers.event.set(timers.now() + 1)
            return [value.amount]
          },
          onEventTimer(time, { state, key }) {
            expectTypeOf(key).toEqualTypeOf<string>()
            expectTypeOf(state.total).toEqualTypeOf<ValueState<number>>()
            return [`${key} ${time}`]
          },
          *onProcessingTimer(_time, { key }) {
            yield key === ''
          },
        },
        { id: 'p' },
      ),
    )
    expectTypeOf(processed).toEqualTypeOf<Stream<number | string | boolean, string>>()
  })

  it('nothing, if nothing is emitted', () => {
    const silent = payments.pipe(keyedProcess({ onElement: () => undefined }, { id: 'p' }))
    expectTypeOf(silent).toEqualTypeOf<Stream<never, string>>()
    const set = payments.pipe(
      keyedProcess(
        {
          onElement(value, { state }) {
            state.last.set(value)
          },
          state: { last: valueState<Payment>() },
        },
        { id: 'p' },
      ),
    )
    expectTypeOf(set).toEqualTypeOf<Stream<never, string>>()
  })

  it('what states hold from their codecs', () => {
    const number: Serde<number> = { encode: (value) => Buffer.of(value), decode: () => 1 }
    expectTypeOf(valueState(text)).toEqualTypeOf<StateSpec<ValueState<string>>>()
    expectTypeOf(listState({ codec: number, ttl: 5 })).toEqualTypeOf<StateSpec<ListState<number>>>()
    expectTypeOf(mapState(number)).toEqualTypeOf<StateSpec<MapState<string, number>>>()
    expectTypeOf(mapState<number, string>({ codec: text })).toEqualTypeOf<StateSpec<MapState<number, string>>>()
    // @ts-expect-error: a codec of strings
    valueState<number>(text)
    // @ts-expect-error: the same in the options
    listState<number>({ codec: text })
    // @ts-expect-error: no such option
    expect(() => mapState<string, number>({ tll: 5 })).toThrow('did you mean "ttl"')
  })
})

describe('process refuses', () => {
  const payments = cold<Payment>('R|').pipe(keyBy((payment) => payment.card))
  const alerts = sideOutput<string>()
  const state = { total: valueState<number>(), items: listState<Payment>(), byDay: mapState<number, Payment>() }

  it('values and keys of other types', () => {
    keyedProcess(
      {
        state,
        outputs: { alerts },
        onElement(value: Payment, { state, outputs, key }) {
          // @ts-expect-error: the total is a number
          state.total.set('1')
          // @ts-expect-error: the total may be missing
          const total: number = state.total.get()
          // @ts-expect-error: the items are payments
          state.items.add(1)
          // @ts-expect-error: the days are numbers
          state.byDay.get('monday')
          // @ts-expect-error: there is no such state
          state.totals
          // @ts-expect-error: alerts are strings
          outputs.alerts(1)
          // @ts-expect-error: there is no such output
          outputs.late('x')
          // @ts-expect-error: what is read is not changed
          state.items.get().push(value)
          return [key, total]
        },
        onEventTimer(_time, context) {
          // @ts-expect-error: a timer has no record
          context.record
        },
      },
      { id: 'p' },
    )
  })

  it('promises, results that are no iterable, and records without a key', () => {
    // @ts-expect-error: what is answered later is not processed now
    payments.pipe(keyedProcess({ onElement: async () => [1] }, { id: 'p' }))
    // @ts-expect-error: a number is no iterable
    payments.pipe(keyedProcess({ onElement: ({ amount }) => amount }, { id: 'p' }))
    // @ts-expect-error: there is no keyBy
    cold<Payment>('R|').pipe(keyedProcess({ onElement: () => [1] }, { id: 'p' }))
    // @ts-expect-error: an operator with state has an id
    expect(() => keyedProcess({ onElement: () => [1] }, {})).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })
})
