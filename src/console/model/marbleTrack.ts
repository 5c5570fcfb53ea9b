/**
 * Marbles of the last seconds: how many records each node has taken in each slot, and whether its
 * watermark has moved. Counted by metrics that are read once a slot, so records pay nothing.
 */
import type { JobGraph } from '../../job/graph/jobGraph.ts'
import type { Marbles } from '../view.ts'
import { growthOf, nodeOf, type Reading } from './figures.ts'

/** Length of a slot, ms, and how many are kept. */
export const slot = 500
const slots = 60

const counters = ['source.records', 'operator.records', 'sink.records']
const watermarks = ['source.watermark', 'operator.watermark']

export interface MarbleTrack {
  add(reading: Reading): void
  /** Forgets all, as after a time without readings. */
  clear(): void
  readonly now: Marbles
}

export function marbleTrack(graph: JobGraph): MarbleTrack {
  const names = graph.nodes.map(({ name }) => name)
  let before: ReadonlyMap<string, number> | null = null
  let marksBefore: ReadonlyMap<string, number> = new Map()
  let columns: readonly {
    readonly at: number
    readonly records: ReadonlyMap<string, number>
    readonly moved: ReadonlySet<string>
  }[] = []

  function totals({ values }: Reading, metrics: readonly string[], join: (a: number, b: number) => number) {
    const found = new Map<string, number>()
    for (const { name, labels, value } of values) {
      if (!metrics.includes(name)) continue
      const node = nodeOf(labels) ?? ''
      const known = found.get(node)
      found.set(node, known === undefined ? value : join(known, value))
    }
    return found
  }

  return {
    add(reading) {
      const now = totals(reading, counters, (a, b) => a + b)
      const marks = totals(reading, watermarks, Math.min)
      const records = new Map<string, number>()
      const moved = new Set<string>()
      for (const [node, value] of now) {
        const old = before?.get(node)
        if (old !== undefined) records.set(node, growthOf(value, old))
      }
      for (const [node, value] of marks) {
        const old = marksBefore.get(node)
        if (before !== null && value > (old ?? Number.NEGATIVE_INFINITY)) moved.add(node)
      }
      if (before !== null) columns = [...columns, { at: reading.at, records, moved }].slice(-slots)
      before = now
      marksBefore = marks
    },
    clear() {
      before = null
      columns = []
    },
    get now() {
      return {
        times: columns.map(({ at }) => at),
        span: slot * slots,
        records: Object.fromEntries(names.map((name) => [name, columns.map(({ records }) => records.get(name) ?? -1)])),
        watermarks: Object.fromEntries(names.map((name) => [name, columns.map(({ moved }) => moved.has(name))])),
      }
    },
  }
}
