/** The table of a run: a row per fault, and the last line. */
import { percentile } from './handOvers.ts'
import type { Verdict } from './verdict.ts'

/** What a fault has cost. */
export interface Struck {
  readonly fault: string
  /** Pause of each hand-over that it caused, ms. */
  readonly pauses: readonly number[]
  /** Longest time without a checkpoint of any shard meanwhile, ms; null: unknown. */
  readonly silence: number | null
  /** From the fault until every shard had committed again, ms; null: it did not happen in time. */
  readonly recovered: number | null
}

const headings = ['fault', 'hand-overs', 'p50', 'p99', 'worst', 'longest silence', 'all committed']

export function table(rows: readonly Struck[]): readonly string[] {
  const all = [headings, ...rows.map((row) => [row.fault, ...cells(row)])]
  const widths = headings.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  const [first = 0, ...others] = widths
  return all.map(([name = '', ...rest]) =>
    [name.padEnd(first), ...rest.map((cell, at) => cell.padStart(others[at] ?? 0))].join('  '),
  )
}

function cells({ pauses, silence, recovered }: Struck): readonly string[] {
  const shares = [0.5, 0.99, 1].map((share) => shown(percentile(pauses, share)))
  return [String(pauses.length), ...shares, shown(silence), recovered === null ? 'FAILED' : shown(recovered)]
}

function shown(ms: number | null): string {
  return ms === null ? '-' : `${Math.round(ms)} ms`
}

export function lastLine({ fed, counted, lost, doubled }: Verdict, pauses: readonly number[]): string {
  const worst = Math.round(Math.max(0, ...pauses))
  return `${fed} in, ${counted} counted, ${lost} lost, ${doubled} doubled, ${pauses.length} hand-overs, worst pause ${worst} ms`
}

/** Nothing lost, doubled or reordered, and every shard has recovered from every fault. */
export function isClean({ lost, doubled, reordered }: Verdict, rows: readonly Struck[]): boolean {
  return lost + doubled + reordered === 0 && rows.every(({ recovered }) => recovered !== null)
}
