/** A job with all kinds of branches, crashed at every step: joins, timers, broadcast state, side outputs, and a sink for each. */
import { expect, it } from 'vitest'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { connect } from '../../src/operators/connect.ts'
import { intervalJoin } from '../../src/operators/intervalJoin.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedProcess } from '../../src/operators/keyedProcess.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import { split } from '../../src/operators/split.ts'
import { to } from '../../src/operators/to.ts'
import { windowJoin } from '../../src/operators/windowJoin.ts'
import { listState } from '../../src/state/listState.ts'
import { mapState } from '../../src/state/mapState.ts'
import { valueState } from '../../src/state/valueState.ts'
import { type CrashEnds, crashTest } from '../../src/testing/index.ts'
import { boundedOutOfOrderness } from '../../src/time/watermarks.ts'
import { tumbling } from '../../src/time/windows.ts'

type Event = readonly [key: string, at: number]
interface Inputs {
  readonly orders: Event
  readonly payments: Event
  readonly rules: Event
}
type Outputs = Record<'pairs' | 'windows' | 'lists' | 'alerts' | 'ruled', string>

const orders: Event[] = [
  ['a', 1],
  ['b', 2],
  ['A', 3],
  ['c', 12],
  ['B', 14],
  ['a', 25],
  ['C', 26],
  ['c', 41],
  ['a', 60],
]
const payments: Event[] = [
  ['a', 2],
  ['b', 9],
  ['c', 13],
  ['a', 24],
  ['a', 30],
  ['c', 33],
]
const rules: Event[] = [
  ['x', 1],
  ['y', 50],
]

const timed = boundedOutOfOrderness(99).withTimestamps(([, at]: Event) => at)
const byKey = keyBy(([key]: Event) => key.toLowerCase())
const told = ([key, at]: Event): string => `${key}${at}`

function job({ source, sink }: CrashEnds<Inputs, Outputs>): Job {
  return defineJob('branches', ({ from }) => {
    const alerts = sideOutput<string>()
    const { upper, rest } = split(from(source('orders'), timed), { upper: ([key]) => key < 'a' })
    const paid = from(source('payments'), timed).pipe(byKey)
    const keyed = rest.pipe(byKey)
    const pairs = keyed.pipe(
      intervalJoin(paid, { from: -5, to: 5 }, (one, other) => `${told(one)} ${told(other)}`, { id: 'pairs' }),
    )
    const windows = keyed.pipe(
      windowJoin(paid, tumbling(20), (one, other) => `${told(one)} ${told(other)}`, { id: 'windows' }),
    )
    const lists = keyed.pipe(
      keyedProcess(
        {
          state: { all: listState<string>(), count: valueState<number>() },
          outputs: { alerts },
          onElement(event, { state, timers, outputs }) {
            const count = (state.count.get() ?? 0) + 1
            state.count.set(count)
            state.all.add(told(event))
            timers.event.set(100)
            if (count > 2) outputs.alerts(`${told(event)} is number ${count}`)
          },
          onEventTimer: (_, { state }) => [state.all.get().join(' ')],
        },
        { id: 'lists' },
      ),
    )
    const ruled = upper.pipe(
      byKey,
      connect(
        from(source('rules'), timed),
        {
          broadcast: mapState<string, number>(),
          onElement: (_, { timers }) => timers.event.set(100),
          onBroadcast: ([rule, at], { broadcast }) => broadcast.set(rule, at),
          onEventTimer: (_, { key, broadcast }) => [`${key} ${broadcast.keys().toSorted().join('')}`],
        },
        { id: 'ruled' },
      ),
    )
    return [
      pairs.pipe(to(sink('pairs'))),
      windows.pipe(to(sink('windows'))),
      lists.pipe(to(sink('lists'))),
      alerts.pipe(to(sink('alerts'))),
      ruled.pipe(to(sink('ruled'))),
    ]
  })
}

it('all of it survives a crash at any step, and every sink has what it has without one', async () => {
  const { runs } = await crashTest(job, {
    input: { orders, payments, rules },
    checkpointEvery: 4,
    invariant({ pairs = [], windows = [], lists = [], alerts = [], ruled = [] }) {
      expect(pairs.toSorted()).toEqual(['a1 a2', 'a25 a24', 'a25 a30', 'c12 c13'])
      expect(windows.toSorted()).toEqual(['a1 a2', 'a25 a24', 'a25 a30', 'b2 b9', 'c12 c13'])
      expect(lists.toSorted()).toEqual(['a1 a25 a60', 'b2', 'c12 c41'])
      expect(alerts).toEqual(['a60 is number 3'])
      expect(ruled.toSorted()).toEqual(['a xy', 'b xy', 'c xy'])
    },
  })
  expect(runs).toBeGreaterThan(100)
}, 120_000)
