/** The names of the graph are the labels of the metrics: a page puts figures on nodes by them. */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import { execute } from '../../../src/job/execute.ts'
import { jobGraph } from '../../../src/job/graph/jobGraph.ts'
import { memorySource } from '../../../src/memory/memorySource.ts'
import { filter } from '../../../src/operators/filter.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { map } from '../../../src/operators/map.ts'
import { merge } from '../../../src/operators/merge.ts'
import { scan } from '../../../src/operators/scan.ts'
import { share } from '../../../src/operators/share.ts'
import { to } from '../../../src/operators/to.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'

const same = () => map((value: string) => value)
const numbers = (topic: string, count: number) =>
  memorySource({ partitions: [Array.from({ length: count }, (_, at) => String(at))], topic })

/** "before -> node: records" for each node, in a finished job. */
async function counted(job: Job): Promise<readonly string[]> {
  const handle = execute(job, { storage: memoryStorage() })
  await handle.done
  const metrics = await handle.metrics()
  const { nodes, edges } = jobGraph(job)
  return nodes.map(({ name }) => {
    const before = edges.filter(({ to: end }) => end === name).map(({ from }) => from)
    const records = metrics.find(({ name: metric, labels: { source, sink, operator } }) => {
      return /^(source|sink|operator)\.records$/.test(metric) && (source ?? sink ?? operator) === name
    })
    return `${before.join(' + ')} -> ${name}: ${records?.value}`
  })
}

describe('the names of the graph', () => {
  it('are those of the metrics where branches meet', async () => {
    const job = defineJob('j', ({ from }) =>
      merge(
        from(numbers('l', 2)).pipe(same(), same()),
        from(numbers('r', 30)).pipe(
          filter((value) => value < '2'),
          same(),
        ),
      ).pipe(same(), to(memorySink())),
    )
    expect((await counted(job)).toSorted()).toEqual(
      [
        ' -> memorySource:l: 2',
        ' -> memorySource:r: 30',
        'memorySource:l -> map: 2',
        'map -> map-2: 2',
        'memorySource:r -> filter: 30',
        'filter -> map-4: 12',
        'map-2 + map-4 -> merge: 14',
        'merge -> map-3: 14',
        'map-3 -> memorySink: 14',
      ].toSorted(),
    )
  })

  it('are those of the metrics where branches part, to unequal depths', async () => {
    const job = defineJob('j', ({ from }) => {
      const all = from(numbers('n', 30)).pipe(same(), share())
      const counts = scan<string, number, string>((n) => n + 1, 0, { id: 'counts' })
      return [
        all.pipe(
          filter((value) => value < '2'),
          same(),
          filter((value) => value < '12'),
          to(memorySink({ id: 'a' })),
        ),
        all.pipe(
          filter((value) => value > '5'),
          keyBy(String),
          counts,
          map(String),
          to(memorySink({ id: 'b' })),
        ),
      ]
    })
    expect((await counted(job)).toSorted()).toEqual(
      [
        ' -> memorySource:n: 30',
        'memorySource:n -> map: 30',
        'map -> filter: 30',
        'filter -> map-2: 12',
        'map-2 -> filter-2: 12',
        'filter-2 -> a: 4',
        'map -> filter-3: 30',
        'filter-3 -> keyBy: 4',
        'keyBy -> counts: 4',
        'counts -> map-3: 4',
        'map-3 -> b: 4',
      ].toSorted(),
    )
  })
})
