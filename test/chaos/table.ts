/** The table of a chaos run: a row per fault. */
import type { Fault } from '../faults/fault.ts'
import type { Injection } from './playRound.ts'

export interface Row {
  readonly fault: Fault
  readonly times: number
  readonly lost: number
  readonly duplicated: number
  readonly reordered: number
  /** Injections after which the job did not behave as it must. */
  readonly failed: number
  /** ms */
  readonly worst: number
  /** Why it was left out. */
  readonly skipped: string | null
}

export function rowOf(fault: Fault, injections: readonly Injection[], skipped: string | null): Row {
  const own = injections.filter((one) => one.fault === fault)
  const sum = (name: 'lost' | 'duplicated' | 'reordered') => own.reduce((all, one) => all + one[name], 0)
  return {
    fault,
    times: own.length,
    lost: sum('lost'),
    duplicated: sum('duplicated'),
    reordered: sum('reordered'),
    failed: own.filter(({ recovery }) => recovery === null).length,
    worst: Math.max(0, ...own.map(({ recovery }) => recovery ?? 0)),
    skipped,
  }
}

/** Injected, or with a reason not to be; and nothing but zeros. */
export function isFine({ times, lost, duplicated, reordered, failed, skipped }: Row): boolean {
  return (times > 0 || skipped !== null) && lost + duplicated + reordered + failed === 0
}

const headings = ['times', 'lost', 'duplicated', 'reordered', 'worst recovery']

export function table(rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map(({ fault }) => fault.name.length))
  const line = (name: string, cells: readonly string[], note: string) =>
    [name.padEnd(width), ...cells.map((cell, at) => cell.padStart((headings[at] as string).length)), note]
      .join('  ')
      .trimEnd()
  return [line('fault', headings, ''), ...rows.map((row) => line(row.fault.name, cells(row), note(row)))]
}

function cells({ times, lost, duplicated, reordered, worst }: Row): readonly string[] {
  return [times, lost, duplicated, reordered, `${(worst / 1000).toFixed(1)} s`].map(String)
}

function note({ fault, times, failed, skipped }: Row): string {
  if (skipped !== null) return `SKIPPED: ${skipped}`
  if (times === 0) return 'NEVER INJECTED'
  if (failed > 0) return `FAILED ${failed} times`
  return fault.mustStop === undefined ? '' : 'stopped, as it must, and went on once healed'
}
