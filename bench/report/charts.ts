/** The charts of a run, by name; figures that were not measured have none. */

import { spread } from '../measure/stats.ts'
import { type BarGroup, barChart } from './barChart.ts'
import { memoryChart } from './memoryChart.ts'
import { type Figure, figuresOf, type Results, type Run, runsOf } from './results.ts'

const shapes: Readonly<Record<string, string>> = {
  '100 B': 'values of 100 bytes, a commit every second',
  '1 KiB': 'values of 1 KiB',
  zstd: 'values of 100 bytes, zstd on both sides',
}

export function charts(results: Pick<Results, 'runs' | 'machine' | 'date'>): Readonly<Record<string, string>> {
  const { runs, machine, date } = results
  const note = `median and range; ${machine.cores} cores for the program and the broker, ${date.slice(0, 10)}`
  const found: Record<string, string | null> = {
    throughput: drawn(
      'Uppercase job, Kafka to Kafka, exactly once: records a second',
      note,
      throughputGroups(runs),
      thousands,
    ),
    latency: drawn(
      'End to end at 5,000 records/s, exactly once: ms, median and 99 of 100',
      note,
      latencyGroups(runs),
      whole,
    ),
    memory: memoryOf(runs),
  }
  return Object.fromEntries(Object.entries(found).flatMap(([name, svg]) => (svg === null ? [] : [[name, svg]])))
}

function drawn(
  title: string,
  note: string,
  groups: readonly BarGroup[],
  show: (value: number) => string,
): string | null {
  const filled = groups.filter(({ bars }) => bars.length > 0)
  return filled.length === 0 ? null : barChart({ title, note, groups: filled, show })
}

function throughputGroups(runs: readonly Run[]): readonly BarGroup[] {
  return Object.entries(shapes).map(([shape, title]) => {
    const bars = peersOf(runs, 'throughput', shape).flatMap((peer) =>
      bar(runs, 'throughput', shape, peer, 'warm', peer),
    )
    return { title, bars: bars.sort((a, b) => b.median - a.median) }
  })
}

function latencyGroups(runs: readonly Run[]): readonly BarGroup[] {
  const all = runs.filter(({ scenario }) => scenario === 'latency').map(({ shape }) => shape)
  return [...new Set(all)].map((shape) => ({
    title: `commits every ${shape}`,
    bars: peersOf(runs, 'latency', shape).flatMap((peer) => [
      ...bar(runs, 'latency', shape, peer, 'p50', peer),
      ...bar(runs, 'latency', shape, peer, 'p99', '').map((one) => ({ ...one, faint: true })),
    ]),
  }))
}

function peersOf(runs: readonly Run[], scenario: string, shape: string): readonly string[] {
  return [...new Set(runs.filter((run) => run.scenario === scenario && run.shape === shape).map(({ peer }) => peer))]
}

function bar(
  runs: readonly Run[],
  ...[scenario, shape, peer, figure, name]: [string, string, string, Figure, string]
): BarGroup['bars'][number][] {
  const found = spread(figuresOf(runsOf(runs, scenario, shape, peer), figure))
  return found === null ? [] : [{ ...found, name, ours: peer === 'rxweft' }]
}

function memoryOf(runs: readonly Run[]): string | null {
  const run = runs.find(({ scenario, memory, problem }) => scenario === 'memory' && memory && problem === undefined)
  return run?.memory === undefined || run.memory.length === 0 ? null : memoryChart(run.memory, 250)
}

function thousands(value: number): string {
  return `${Math.round(value / 1_000).toLocaleString('en-US')}k`
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
