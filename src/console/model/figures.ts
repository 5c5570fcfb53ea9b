/** Rates, lag, watermarks, back-pressure and state of each node, from two readings of metrics. */
import type { JobGraph } from '../../job/graph/jobGraph.ts'
import type { MetricLabels } from '../../metrics/metric.ts'
import type { Measure } from '../subject.ts'
import type { Figures, NodeFigures, PartitionFigures } from '../view.ts'

/** Metrics at one moment, ms. */
export interface Reading {
  readonly at: number
  readonly values: readonly Measure[]
}

/** How many partitions are shown. */
const mostPartitions = 50

export const noFigures: Figures = {
  ...{ at: 0, nodes: {}, others: [], partitions: [], partitionCount: 0, memory: null, loopDelay: null },
}

/** Label of all sinks together. */
const allSinks = 'sinks'

/** Operators that are counted and not drawn, such as those of a branch that runs twice. */
function othersIn({ nodes }: JobGraph, { values }: Reading): readonly string[] {
  const counted = values
    .filter(({ name }) => name === 'operator.records')
    .flatMap(({ labels }) => labels.operator ?? [])
  return [...new Set(counted)].filter((label) => !nodes.some(({ name }) => name === label))
}

/** Source, sink or operator that a value belongs to. */
export function nodeOf({ source, sink, operator }: MetricLabels): string | undefined {
  return source ?? sink ?? operator
}

/** By how much a counter has grown. After a restart of the process it begins at 0 again. */
export function growthOf(value: number, before: number): number {
  return value < before ? value : value - before
}

type Join = (a: number, b: number) => number
const sum: Join = (a, b) => a + b
const largest: Join = (a, b) => Math.max(a, b)

/** @param before an earlier reading; null: there is none, so that rates are unknown */
export function figuresOf(graph: JobGraph, now: Reading, before: Reading | null): Figures {
  const current = byNode(now)
  const past = before === null ? null : byNode(before)
  const elapsed = before === null ? 0 : (now.at - before.at) / 1e3
  const nodes: Record<string, NodeFigures> = {}
  const sinks = figuresOfNode(allSinks, current, past, elapsed)
  for (const { name, role } of graph.nodes) {
    const own = figuresOfNode(name, current, past, elapsed)
    // Several sinks share their credits, so sources wait for all of them together.
    nodes[name] = role === 'sink' ? { ...own, pressure: own.pressure ?? sinks.pressure } : own
  }
  const others = othersIn(graph, now)
  for (const name of others) nodes[name] = figuresOfNode(name, current, past, elapsed)
  const partitions = partitionsOf(now)
  return {
    ...{
      at: now.at,
      nodes,
      others,
      partitions: partitions.slice(0, mostPartitions),
      partitionCount: partitions.length,
    },
    memory: only(now, 'process.memory'),
    loopDelay: loopDelayOf(now),
  }
}

/** Values of a metric by node; shards are joined. */
type ByNode = (metric: string, node: string, join: Join) => number | null

function byNode({ values }: Reading): ByNode {
  const nameOf = (metric: string, node: string | undefined): string => `${metric} ${node}`
  const found = new Map<string, number[]>()
  for (const { name, labels, value } of values) {
    const key = nameOf(name, nodeOf(labels))
    const known = found.get(key)
    if (known === undefined) found.set(key, [value])
    else known.push(value)
  }
  return (metric, node, join) => found.get(nameOf(metric, node))?.reduce(join) ?? null
}

function figuresOfNode(node: string, now: ByNode, past: ByNode | null, elapsed: number): NodeFigures {
  const first = (kinds: readonly string[], of: ByNode, join: Join): number | null =>
    kinds.map((kind) => of(kind, node, join)).find((value) => value !== null) ?? null
  /** Growth in a second. */
  const growth = (...kinds: readonly string[]): number | null => {
    const value = first(kinds, now, sum)
    const old = past === null ? null : first(kinds, past, sum)
    if (value === null || old === null || elapsed <= 0) return null
    return growthOf(value, old) / elapsed
  }
  const ms = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1e3)
  const share = (of: number | null): number | null => (of === null ? null : Math.min(1, of))
  return {
    rate: growth('source.records', 'sink.records', 'operator.records'),
    bytesRate: growth('source.bytes', 'sink.bytes'),
    lag: now('source.lag', node, sum),
    watermarkDelay: ms(first(['source.watermark.delay', 'operator.watermark.delay'], now, largest)),
    pressure: share(growth('operator.blocking')),
    blocked: share(growth('source.blocked')),
    inFlight: now('operator.inflight', node, sum),
    stateEntries: now('state.entries', node, sum),
    stateBytes: now('state.bytes', node, sum),
    barrier: ms(now('operator.barrier', node, largest)),
  }
}

function partitionsOf({ values }: Reading): readonly PartitionFigures[] {
  const found = new Map<string, PartitionFigures>()
  for (const { name, labels, value } of values) {
    const { source = '', topic = '', partition = '0' } = labels
    if (name !== 'source.lag' && name !== 'source.partition.delay') continue
    const key = JSON.stringify([source, topic, partition])
    const known = found.get(key) ?? { source, topic, partition: Number(partition), lag: null, delay: null }
    found.set(key, name === 'source.lag' ? { ...known, lag: value } : { ...known, delay: value * 1e3 })
  }
  return [...found.values()].sort(
    (a, b) => (b.lag ?? -1) - (a.lag ?? -1) || a.topic.localeCompare(b.topic) || a.partition - b.partition,
  )
}

function only({ values }: Reading, metric: string): number | null {
  return values.find(({ name }) => name === metric)?.value ?? null
}

function loopDelayOf({ values }: Reading): number | null {
  const delays = values.filter(({ name, labels }) => name === 'thread.delay' && labels.quantile === '0.99')
  return delays.length === 0 ? null : Math.max(...delays.map(({ value }) => value)) * 1e3
}
