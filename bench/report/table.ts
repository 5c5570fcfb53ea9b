/** The results as text: a table for each scenario, with the median of each figure, and the smallest and the largest; then the bars. */
import { spread } from '../measure/stats.ts'
import type { Bar } from './bars.ts'
import { type Figure, figuresOf, type Results, type Run, runsOf } from './results.ts'

interface Column {
  readonly figure: Figure
  readonly title: string
  readonly digits: number
}

/** In this order, where a scenario has them. */
const columns: readonly Column[] = [
  { figure: 'warm', title: 'records/s, warm', digits: 0 },
  { figure: 'total', title: 'all', digits: 0 },
  { figure: 'cpu', title: 'CPU s/M', digits: 2 },
  { figure: 'peak', title: 'peak MiB', digits: 0 },
  { figure: 'growth', title: 'growth', digits: 2 },
  { figure: 'others', title: 'others, cores', digits: 2 },
  { figure: 'p50', title: 'p50 ms', digits: 0 },
  { figure: 'p90', title: 'p90', digits: 0 },
  { figure: 'p99', title: 'p99', digits: 0 },
  { figure: 'p999', title: 'p99.9', digits: 0 },
  { figure: 'max', title: 'max', digits: 0 },
  { figure: 'restart', title: 'restart ms', digits: 0 },
]

/** One run in one line, as soon as it is over. */
export function runLine({ scenario, shape, peer, round, figures, problem }: Run): string {
  const about = `${scenario.padEnd(11)} ${shape.padEnd(13)} ${peer.padEnd(13)} ${String(round).padStart(2)}`
  if (problem !== undefined) return `${about}  FAILED: ${problem}`
  const shown = columns.filter(({ figure }) => figures[figure] !== undefined)
  return `${about}  ${shown.map(({ figure, title, digits }) => `${title} ${number(figures[figure] as number, digits)}`).join('  ')}`
}

export function tables({ runs }: Pick<Results, 'runs'>): string {
  return unique(runs.map(({ scenario }) => scenario))
    .map((scenario) => `${scenario}\n${tableOf(runs.filter((run) => run.scenario === scenario))}`)
    .join('\n\n')
}

function tableOf(runs: readonly Run[]): string {
  const shown = columns.filter(({ figure }) => figuresOf(runs, figure).length > 0)
  const groups = unique(runs.map(({ shape, peer }) => JSON.stringify([shape, peer])))
  const rows = groups.map((group) => {
    const [shape, peer] = JSON.parse(group) as [string, string]
    const those = runs.filter((run) => run.shape === shape && run.peer === peer)
    return rowOf(shape, peer, those, shown)
  })
  return aligned([['', '', 'runs', ...shown.map(({ title }) => title)], ...rows], 2)
}

function rowOf(shape: string, peer: string, runs: readonly Run[], shown: readonly Column[]): readonly string[] {
  const [{ scenario } = { scenario: '' }] = runs
  const good = runsOf(runs, scenario, shape, peer)
  const count = good.length === runs.length ? String(runs.length) : `${good.length} of ${runs.length} verified`
  return [shape, peer, count, ...shown.map((column) => cell(figuresOf(good, column.figure), column.digits))]
}

function cell(values: readonly number[], digits: number): string {
  const found = spread(values)
  if (found === null) return '-'
  const show = (value: number): string => number(value, digits)
  return found.runs === 1 ? show(found.median) : `${show(found.median)} (${show(found.min)} .. ${show(found.max)})`
}

function number(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export function barList(bars: readonly Bar[]): string {
  const verdict = (met: boolean | null): string => (met === null ? 'not measured' : met ? 'met' : 'MISSED')
  return aligned(
    [
      ['bar', 'wanted', 'measured', ''],
      ...bars.map(({ name, wanted, measured, met }) => [name, wanted, measured ?? '-', verdict(met)]),
    ],
    1,
  )
}

/** The first columns to the left, so many of them; figures to the right. */
function aligned(rows: readonly (readonly string[])[], texts: number): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  const put = (text: string, at: number): string =>
    at < texts ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0)
  return rows.map((row) => row.map(put).join('  ').trimEnd()).join('\n')
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)]
}
