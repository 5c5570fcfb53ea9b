import { describe, expect, expectTypeOf, it } from 'vitest'
import { asOfJoin } from '../../src/operators/asOfJoin.ts'
import { coGroup } from '../../src/operators/coGroup.ts'
import { connect } from '../../src/operators/connect.ts'
import { intervalJoin } from '../../src/operators/intervalJoin.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { scan } from '../../src/operators/scan.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import { window } from '../../src/operators/window.ts'
import { windowJoin } from '../../src/operators/windowJoin.ts'
import type { StreamRecord } from '../../src/record.ts'
import { text } from '../../src/serde/text.ts'
import { type MapState, mapState, type ReadonlyMapState } from '../../src/state/mapState.ts'
import { type ValueState, valueState } from '../../src/state/valueState.ts'
import type { Stream } from '../../src/stream.ts'
import { cold } from '../../src/testing/index.ts'
import { tumbling, type Window } from '../../src/time/windows.ts'

interface Order {
  readonly order: string
}
interface Payment {
  readonly of: string
  readonly amount: number
}
type Of<T> = Stream<T, string>

/** Judged by the compiler: no annotation below is one that a user would have to write. */
const orders = cold<Order>('R|').pipe(keyBy(({ order }) => order))
const payments = cold<Payment>('R|').pipe(keyBy((payment) => payment.of))
const byAmount = cold<Payment>('R|').pipe(keyBy(({ amount }) => amount))
const within = { from: 0, to: 60_000 }
const id = 'j'

describe('joins', () => {
  it('infer both sides, the key and the result', () => {
    const paid = orders.pipe(
      intervalJoin(payments, within, ({ order }, { amount }, key) => ({ order, amount, key }), { id }),
    )
    expectTypeOf(paid).toEqualTypeOf<Of<{ order: string; amount: number; key: string }>>()
    const inWindow = orders.pipe(
      windowJoin(payments, tumbling(5), ({ order }, { amount }, { window }) => ({ order, amount, window }), { id }),
    )
    expectTypeOf(inWindow).toEqualTypeOf<Of<{ order: string; amount: number; window: Window }>>()
    const outer = orders.pipe(
      windowJoin(payments, tumbling(5), (order, payment) => [order.order, payment?.amount] as const, {
        id,
        outer: 'left',
      }),
    )
    expectTypeOf(outer).toEqualTypeOf<Of<readonly [string, number | undefined]>>()
    const full = orders.pipe(
      windowJoin(payments, tumbling(5), (order, payment) => [order?.order, payment?.amount] as const, {
        id,
        outer: 'both',
      }),
    )
    expectTypeOf(full).toEqualTypeOf<Of<readonly [string | undefined, number | undefined]>>()
    const priced = orders.pipe(asOfJoin(payments, ({ order }, payment) => [order, payment?.amount] as const, { id }))
    expectTypeOf(priced).toEqualTypeOf<Of<readonly [string, number | undefined]>>()
    const counted = orders.pipe(
      coGroup(payments, tumbling(5), (orders, payments) => [[orders[0]?.order, payments[0]?.amount] as const], { id }),
    )
    expectTypeOf(counted).toEqualTypeOf<Of<readonly [string | undefined, number | undefined]>>()
  })

  it('take late outputs with the keys of their streams, as windows do', () => {
    const [late, byNumber] = [sideOutput<Order, string>(), sideOutput<Order, number>()]
    orders.pipe(intervalJoin(payments, within, () => 1, { id, left: { late } }))
    orders.pipe(windowJoin(payments, tumbling(5), () => 1, { id, left: { late } }))
    orders.pipe(window(tumbling(5), { late }).process(() => 1, { id }))
    expectTypeOf(late.pipe(scan((n: number) => n + 1, 0, { id }))).toEqualTypeOf<Of<number>>()
    // @ts-expect-error: keys of orders are strings
    orders.pipe(intervalJoin(payments, within, () => 1, { id, left: { late: byNumber } }))
    // @ts-expect-error: the same for windows of two streams
    orders.pipe(windowJoin(payments, tumbling(5), () => 1, { id, left: { late: byNumber } }))
    // @ts-expect-error: and for windows of one
    orders.pipe(window(tumbling(5), { late: byNumber }).process(() => 1, { id }))
  })

  it('take late outputs and codecs of their sides only', () => {
    const late = sideOutput<Order>()
    orders.pipe(intervalJoin(payments, within, () => 1, { id, left: { late } }))
    // @ts-expect-error: payments are no orders
    orders.pipe(intervalJoin(payments, within, () => 1, { id, right: { late } }))
    // @ts-expect-error: the same for windows
    orders.pipe(windowJoin(payments, tumbling(5), () => 1, { id, right: { late } }))
    // @ts-expect-error: orders are no strings
    orders.pipe(intervalJoin(payments, within, () => 1, { id, left: { codec: text } }))
    // @ts-expect-error: elements stay as long as the interval asks for
    expect(() => orders.pipe(intervalJoin(payments, within, () => 1, { id, left: { ttl: 5 } }))).toThrow('"left.ttl"')
  })

  it('refuse keys of different types, and streams without a key', () => {
    // @ts-expect-error: orders are keyed by strings, payments by numbers
    orders.pipe(intervalJoin(byAmount, within, () => 1, { id }))
    // @ts-expect-error: the same for windows
    orders.pipe(windowJoin(byAmount, tumbling(5), () => 1, { id }))
    // @ts-expect-error: and for groups
    orders.pipe(coGroup(byAmount, tumbling(5), () => [1], { id }))
    // @ts-expect-error: the right stream has no keyBy
    orders.pipe(intervalJoin(cold<Payment>('R|'), within, () => 1, { id }))
    // @ts-expect-error: the left stream has none
    cold<Order>('R|').pipe(intervalJoin(payments, within, () => 1, { id }))
    // @ts-expect-error: it has none either
    cold<Order>('R|').pipe(windowJoin(payments, tumbling(5), () => 1, { id }))
  })

  it('refuse a value that is not an interval', () => {
    const join = (_: Order, payment: Payment) => payment
    orders.pipe(intervalJoin(payments, { after: 0, before: 5 }, join, { id }))
    // @ts-expect-error: it has no end
    const open = () => intervalJoin(payments, { from: 0 }, join, { id })
    // @ts-expect-error: it has two beginnings
    const twice = () => intervalJoin(payments, { from: 0, after: 0, to: 5 }, join, { id })
    expectTypeOf([open, twice]).toBeArray()
  })
})

describe('connect', () => {
  interface Rule {
    readonly name: string
    readonly limit: number
  }
  const rules = cold<Rule>('R|')
  const alerts = sideOutput<string>()

  it('infers elements, rules, the map and state', () => {
    const checked = payments.pipe(
      connect(
        rules,
        {
          broadcast: mapState<string, Rule>(),
          state: { last: valueState<Payment>() },
          outputs: { alerts },
          onElement(payment, { broadcast, state, key, record, outputs }) {
            expectTypeOf(payment).toEqualTypeOf<Payment>()
            expectTypeOf(key).toEqualTypeOf<string>()
            expectTypeOf(record).toEqualTypeOf<StreamRecord<Payment, string>>()
            expectTypeOf(broadcast).toEqualTypeOf<ReadonlyMapState<string, Rule>>()
            expectTypeOf(state.last).toEqualTypeOf<ValueState<Payment>>()
            outputs.alerts(key)
            return [payment.amount]
          },
          onBroadcast(rule, { broadcast, record, outputs }) {
            expectTypeOf(rule).toEqualTypeOf<Rule>()
            expectTypeOf(broadcast).toEqualTypeOf<MapState<string, Rule>>()
            expectTypeOf(record).toEqualTypeOf<StreamRecord<Rule>>()
            outputs.alerts(rule.name)
            broadcast.set(rule.name, rule)
          },
          onEventTimer: (time, { broadcast }) => [`${time} ${broadcast.size}`],
        },
        { id },
      ),
    )
    expectTypeOf(checked).toEqualTypeOf<Of<number | string>>()
  })

  it('refuses changes by elements, results for no key, and state while there is no key', () => {
    payments.pipe(
      connect(
        rules,
        {
          broadcast: mapState<string, Rule>(),
          onElement(_, { broadcast }) {
            // @ts-expect-error: only onBroadcast may
            broadcast.set('a', { name: 'a', limit: 1 })
          },
          onBroadcast(rule, context) {
            // @ts-expect-error: the limit is no rule
            context.broadcast.set(rule.name, rule.limit)
            // @ts-expect-error: there is no key
            context.key
            // @ts-expect-error: and so no state
            context.state
            // @ts-expect-error: and no timers
            context.timers
          },
        },
        { id },
      ),
    )
    const broadcast = mapState<string, Rule>()
    const onElement = () => [1]
    // @ts-expect-error: results would have no key
    payments.pipe(connect(rules, { broadcast, onElement, onBroadcast: ({ name }) => [name] }, { id }))
    // @ts-expect-error: what comes later is about no record
    payments.pipe(connect(rules, { broadcast, onElement, onBroadcast: async () => undefined }, { id }))
    // @ts-expect-error: the elements have no keyBy
    cold<Payment>('R|').pipe(connect(rules, { broadcast, onElement, onBroadcast: () => undefined }, { id }))
  })
})
