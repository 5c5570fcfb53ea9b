/** Costs of faults, as a table, and the two figures that are promised. */
import type { ClusterFault } from './fault.ts'
import type { Struck } from './playClusterRound.ts'

/** From the end of a fault to the next commit, ms. */
export const goal = { p99: 5_000, worst: 15_000 }

export interface Recoveries {
  readonly count: number
  readonly median: number
  readonly p99: number
  readonly worst: number
}

/** Of those faults that the job got over; null where there are none. */
export function recoveriesOf(struck: readonly Struck[]): Recoveries | null {
  const sorted = struck.flatMap(({ cost }) => (cost === null ? [] : [cost.recovery])).sort((a, b) => a - b)
  if (sorted.length === 0) return null
  // The smallest that at least so many of them do not exceed.
  const upTo = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number
  return { count: sorted.length, median: upTo(0.5), p99: upTo(0.99), worst: upTo(1) }
}

export function showRecoveries({ count, median, p99, worst }: Recoveries): string {
  const met = p99 <= goal.p99 && worst <= goal.worst
  const figures = `median ${seconds(median)}, p99 ${seconds(p99)}, worst ${seconds(worst)}`
  return `next commit after ${count} faults: ${figures}; goal: p99 ${seconds(goal.p99)}, worst ${seconds(goal.worst)}: ${met ? 'met' : 'NOT MET'}`
}

const headings = ['times', 'failed', 'restarts', 'worst recovery', 'worst silence']

/** A line for each fault. */
export function costTable(faults: readonly ClusterFault[], struck: readonly Struck[]): readonly string[] {
  const width = Math.max(...faults.map(({ name }) => name.length))
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((cell, at) => cell.padStart(headings[at]?.length ?? 0))].join('  ')
  return [line('fault', headings), ...faults.map((fault) => line(fault.name, cellsOf(fault, struck)))]
}

function cellsOf(fault: ClusterFault, struck: readonly Struck[]): readonly string[] {
  const own = struck.filter((one) => one.fault.name === fault.name)
  const costs = own.flatMap(({ cost }) => cost ?? [])
  const worst = (name: 'recovery' | 'silence') => seconds(Math.max(0, ...costs.map((cost) => cost[name])))
  const restarts = costs.reduce((sum, cost) => sum + cost.restarts, 0)
  return [String(own.length), String(own.length - costs.length), String(restarts), worst('recovery'), worst('silence')]
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
