/** A job with state of every kind behind repartition topics, and an input whose output depends on nothing but the input. */
import type { EmbeddedLog } from '../../../src/embedded/embeddedLog.ts'
import { embeddedRepartition } from '../../../src/embedded/embeddedRepartition.ts'
import { embeddedSink } from '../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import { asOfJoin } from '../../../src/operators/asOfJoin.ts'
import { connect } from '../../../src/operators/connect.ts'
import { countDistinct } from '../../../src/operators/countDistinct.ts'
import { dedupe } from '../../../src/operators/dedupe.ts'
import { intervalJoin } from '../../../src/operators/intervalJoin.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { keyedProcess } from '../../../src/operators/keyedProcess.ts'
import { latestByKey } from '../../../src/operators/latestByKey.ts'
import { map } from '../../../src/operators/map.ts'
import { scan } from '../../../src/operators/scan.ts'
import { sideOutput } from '../../../src/operators/sideOutput.ts'
import { to } from '../../../src/operators/to.ts'
import { topN } from '../../../src/operators/topN.ts'
import { window } from '../../../src/operators/window.ts'
import { json } from '../../../src/serde/json.ts'
import { text } from '../../../src/serde/text.ts'
import { listState } from '../../../src/state/listState.ts'
import { mapState } from '../../../src/state/mapState.ts'
import { valueState } from '../../../src/state/valueState.ts'
import { boundedOutOfOrderness, noWatermarks } from '../../../src/time/watermarks.ts'
import { session, tumbling } from '../../../src/time/windows.ts'

export interface Item {
  readonly key: string
  readonly n: number
}

export const partitions = 8

/** Results are `operator key ...`, into the partition of the key. */
export function everyState(log: EmbeddedLog): Job {
  const middle = (name: string) => embeddedRepartition(log, { name, partitions, key: text, value: json<Item>() })
  return defineJob('every-state', ({ from, repartition }) => {
    const out = (id: string) => to(embeddedSink<string>(log, { topic: 'out', value: text, id }))
    const late = sideOutput<Item>()
    const rules = from(embeddedSource(log, { topic: 'rules', value: text }), noWatermarks(), { everywhere: true })
    const read = from(embeddedSource(log, { topic: 'in', value: json<Item>() }), boundedOutOfOrderness(100))
    const items = read.pipe(
      keyBy(({ key }) => key),
      repartition(middle('items')),
    )
    const others = read.pipe(
      keyBy(({ key }) => key),
      repartition(middle('others')),
    )
    return [
      items.pipe(
        scan((sum: number, { n }: Item) => sum + n, 0, { id: 'sum' }),
        keyedNames('sum'),
        out('to-sum'),
      ),
      items.pipe(
        window(tumbling(1_000), { late }).process(
          (all, { key, window: { start } }) => `tumbling ${key} ${start} ${all.map(({ n }) => n)}`,
          { id: 'tumbling' },
        ),
        out('to-tumbling'),
      ),
      late.pipe(
        map(({ key, n }) => `late ${key} ${n}`),
        out('to-late'),
      ),
      items.pipe(
        window(session(400)).process(
          (all, { key, window: { start, end } }) => `session ${key} ${start}-${end} ${all.map(({ n }) => n)}`,
          { id: 'session' },
        ),
        out('to-session'),
      ),
      items.pipe(
        dedupe(({ n }) => n % 5, 3_000, { id: 'dedupe' }),
        keyedItems('dedupe'),
        out('to-dedupe'),
      ),
      items.pipe(
        topN(2, (a, b) => b.n - a.n, { id: 'top' }),
        map((ranking, { key }) => `top ${key} ${ranking.map(({ n }) => n)}`),
        out('to-top'),
      ),
      items.pipe(
        countDistinct(({ n }) => n % 7, { id: 'distinct' }),
        keyedNames('distinct'),
        out('to-distinct'),
      ),
      items.pipe(
        asOfJoin(others, (a, b) => `as-of ${a.key} ${a.n} ${b?.n}`, { id: 'as-of' }),
        out('to-as-of'),
      ),
      items.pipe(latestByKey({ id: 'latest' }), keyedItems('latest'), out('to-latest')),
      items.pipe(
        intervalJoin(others, { from: -1, to: 1 }, (a, b) => `join ${a.key} ${a.n} ${b.n}`, { id: 'join' }),
        out('to-join'),
      ),
      items.pipe(
        keyedProcess(
          {
            state: {
              seen: mapState<string, number>(),
              all: listState<number>(),
              last: valueState<number>({ ttl: 5_000 }),
            },
            onElement({ key, n }: Item, { state, timers, record }) {
              state.seen.set(`${n % 3}`, (state.seen.get(`${n % 3}`) ?? 0) + 1)
              const last = state.last.get()
              state.last.set(n)
              state.all.add(n)
              timers.event.set(record.timestamp + 700)
              return [`process ${key} ${n} ${last} ${JSON.stringify(state.seen.entries().toSorted())}`]
            },
            onEventTimer: (time, { state, key }) => [`timer ${key} ${time} ${state.all.length > 0}`],
          },
          { id: 'process' },
        ),
        out('to-process'),
      ),
      items.pipe(
        connect(
          rules,
          {
            broadcast: mapState<string, string>(),
            onBroadcast: (rule, { broadcast }) => broadcast.set(rule, rule),
            onElement: ({ key, n }: Item, { broadcast }) => [`rules ${key} ${n} ${broadcast.keys().toSorted()}`],
          },
          { id: 'rules' },
        ),
        out('to-rules'),
      ),
    ]
  })
}

const keyedNames = (what: string) => scanName<number>(what, String)
const keyedItems = (what: string) => scanName<Item>(what, ({ n }) => `${n}`)

/** Counts once more behind the operator: state behind state. */
function scanName<T>(what: string, shown: (value: T) => string) {
  return keyedProcess<T, string, string, never, never, { readonly count: ReturnType<typeof valueState<number>> }>(
    {
      state: { count: valueState<number>() },
      onElement(value, { state, key }) {
        const count = (state.count.get() ?? 0) + 1
        state.count.set(count)
        return [`${what} ${key} ${shown(value)} #${count}`]
      },
    },
    { id: `count-${what}` },
  )
}
