/** Results of a run of the suite, as written to the JSON file. */
import type { Mode, Plan } from '../plan.ts'

export interface Results {
  /** ISO 8601 */
  readonly date: string
  readonly mode: Mode
  readonly machine: Readonly<Record<string, string | number>>
  readonly versions: Readonly<Record<string, string>>
  readonly plan: Plan
  /** The share of the mode's records; below 1 the run was to try things out. */
  readonly scale: number
  readonly runs: readonly Run[]
  /** What ended the suite before its end. */
  readonly broken?: string
}

/** One run of one program. */
export interface Run {
  /** 'throughput', 'latency' ... */
  readonly scenario: string
  /** What was different from the scenario's other runs: '1 KiB'. */
  readonly shape: string
  readonly peer: string
  /** From 1 on. */
  readonly round: number
  readonly figures: Figures
  /** What the verifier has found; a run with one counts for nothing. */
  readonly problem?: string
  /** Where the memory was, by records written: [records, bytes]. */
  readonly memory?: readonly (readonly [records: number, bytes: number])[]
}

export interface Figures {
  /** Records a second, over all of the run and over its last two thirds. */
  readonly total?: number
  readonly warm?: number
  /** Seconds of CPU for a million records, over the last two thirds. */
  readonly cpu?: number
  /** MiB at most. */
  readonly peak?: number
  /** Memory in the last quarter of the records, as a multiple of that in the second quarter. */
  readonly growth?: number
  /** Cores that others on the machine, the suite among them, had meanwhile: more than a few percent of one spoil the figures. */
  readonly others?: number
  /** End to end, ms. */
  readonly p50?: number
  readonly p90?: number
  readonly p99?: number
  readonly p999?: number
  readonly max?: number
  /** From SIGKILL to the first newly committed record, ms. */
  readonly restart?: number
}

export type Figure = keyof Figures

/** The runs of one program in one shape that count. */
export function runsOf(runs: readonly Run[], scenario: string, shape: string, peer: string): readonly Run[] {
  return runs.filter((run) => {
    return run.scenario === scenario && run.shape === shape && run.peer === peer && run.problem === undefined
  })
}

export function figuresOf(runs: readonly Run[], figure: Figure): readonly number[] {
  return runs.flatMap(({ figures }) => figures[figure] ?? [])
}
