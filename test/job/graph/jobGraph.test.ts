/** The graph of a job, from its function alone. */
import { map as rxMap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { RepartitionTopic } from '../../../src/contracts/repartition.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import { jobGraph } from '../../../src/job/graph/jobGraph.ts'
import { layout } from '../../../src/job/graph/layout.ts'
import { lint } from '../../../src/job/graph/lint.ts'
import { memorySource } from '../../../src/memory/memorySource.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { lift } from '../../../src/operators/lift.ts'
import { map } from '../../../src/operators/map.ts'
import { merge } from '../../../src/operators/merge.ts'
import { scan } from '../../../src/operators/scan.ts'
import { share } from '../../../src/operators/share.ts'
import { sideOutput } from '../../../src/operators/sideOutput.ts'
import { split } from '../../../src/operators/split.ts'
import { to } from '../../../src/operators/to.ts'
import { window } from '../../../src/operators/window.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import { boundedOutOfOrderness } from '../../../src/time/watermarks.ts'
import { tumbling } from '../../../src/time/windows.ts'
import { job as everything } from '../../cli/jobs/everything.ts'

const letters = () => memorySource(['a', 'b'])
const count = () => scan<string, number, string>((n) => n + 1, 0, { id: 'counts' })
const edgesOf = (job: Job): readonly string[] =>
  jobGraph(job).edges.map(({ from, to, side }) => `${from} ${side ? '..' : '->'} ${to}`)

/** Repartition topic in name only: nothing is opened. */
const words: RepartitionTopic<string, string> = {
  ends: () => ({
    sink: { ...memorySink<string>({ id: 'words' }), open: never },
    source: { ...letters(), id: 'words', open: never },
  }),
}

async function never(): Promise<never> {
  throw new Error('a graph opens nothing')
}

describe('the graph of a job', () => {
  it('has each source, operator and sink once, behind those before it', () => {
    const job = defineJob('j', ({ from }) => {
      const counts = from(letters()).pipe(keyBy(String), count(), share())
      return [
        counts.pipe(map(String), to(memorySink({ id: 'one' }))),
        counts.pipe(map(String), to(memorySink({ id: 'two' }))),
      ]
    })
    expect(jobGraph(job).nodes.map(({ name, role, kind, state }) => [name, role, kind, state])).toEqual([
      ['memorySource:memory', 'source', 'source', false],
      ['keyBy', 'operator', 'keyBy', false],
      ['counts', 'operator', 'scan', true],
      ['map', 'operator', 'map', false],
      ['map-2', 'operator', 'map', false],
      ['one', 'sink', 'sink', false],
      ['two', 'sink', 'sink', false],
    ])
    expect(edgesOf(job)).toEqual([
      ...['memorySource:memory -> keyBy', 'keyBy -> counts', 'counts -> map'],
      ...['map -> one', 'counts -> map-2', 'map-2 -> two'],
    ])
  })

  it('shows branches of split that meet again as one way, and side outputs as such', () => {
    const job = defineJob('j', ({ from }) => {
      const late = sideOutput<string>()
      const { upper, rest } = split(from(letters(), boundedOutOfOrderness(0)), { upper: (letter) => letter < 'a' })
      return [
        merge(upper, rest).pipe(
          keyBy(String),
          window<string>(tumbling(10), { late }).reduce((a) => a, { id: 'last' }),
          to(memorySink()),
        ),
        late.pipe(rxMap((element) => element) as never, to(memorySink({ id: 'late' }))),
      ]
    })
    expect(edgesOf(job)).toEqual([
      ...['memorySource:memory -> split', 'split -> merge', 'merge -> keyBy', 'keyBy -> last'],
      ...['last -> memorySink', 'last .. late'],
    ])
  })

  it('shows a repartition topic as one node between both parts', () => {
    const job = defineJob('j', ({ from, repartition }) =>
      from(letters()).pipe(keyBy(String), repartition(words), count(), to(memorySink({ id: 'out' }))),
    )
    expect(edgesOf(job)).toEqual(['words -> counts', 'counts -> out', 'memorySource:memory -> keyBy', 'keyBy -> words'])
    expect(jobGraph(job).nodes.map(({ name }) => name)).toEqual([
      ...['memorySource:memory', 'keyBy', 'words', 'counts', 'out'],
    ])
    expect(lint(jobGraph(job))).toEqual([])
  })

  it('names both inputs of an operator, a broadcast stream among them, and dead letters', () => {
    const edges = edgesOf(everything)
    expect(edges).toContain('rules -> ruled')
    expect(edges).toContain('keyBy-2 -> ruled')
    expect(jobGraph(everything).nodes.find(({ kind }) => kind === 'dead letters')?.name).toBe('letters')
  })

  it('places no node on another one, and each to the right of those before it', () => {
    const graph = jobGraph(everything)
    const places = new Map(layout(graph).map((place) => [place.name, place]))
    expect(new Set([...places.values()].map(({ column, row }) => `${column}/${row}`)).size).toBe(graph.nodes.length)
    for (const { from, to } of graph.edges) {
      expect(places.get(to)?.column).toBeGreaterThan(places.get(from)?.column as number)
    }
  })
})

describe('lint', () => {
  const found = (pipeline: Job['pipeline']): readonly string[] =>
    lint(jobGraph(defineJob('j', pipeline as never))).map(({ rule, node }) => `${rule}: ${node}`)

  it('finds state without a key, and accepts keyBy anywhere before it', () => {
    expect(found(({ from }) => from(letters()).pipe(count() as never, to(memorySink())) as never)).toEqual([
      'state-without-key: counts',
    ])
    expect(found(({ from }) => from(letters()).pipe(keyBy(String), map(String), count(), to(memorySink())))).toEqual([])
  })

  it('finds windows that wait for an event time that never moves', () => {
    const windows = () => window<string>(tumbling(10)).reduce((a: string) => a, { id: 'last' })
    expect(found(({ from }) => from(letters()).pipe(keyBy(String), windows(), to(memorySink())))).toEqual([
      'no-event-time: last',
    ])
    const timed: Job['pipeline'] = ({ from }) =>
      from(letters(), boundedOutOfOrderness(0)).pipe(keyBy(String), windows(), to(memorySink()))
    expect(found(timed)).toEqual([])
  })

  it('finds lift, and a memory sink behind a source that never ends', () => {
    const endless = { ...letters(), bounded: false }
    const job: Job['pipeline'] = ({ from }) => from(endless).pipe(lift(rxMap(String)), to(memorySink()))
    expect(found(job)).toEqual(['lift: lift', 'unbounded-output: memorySink'])
  })
})
