/** Counts what a run of vitest found, out of its JSON report. */
import { relative } from 'node:path'

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The part of vitest's JSON report that counts. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/**
 * A file that failed although none of its tests did (it does not load, a hook threw) is one failure; so is a run that ended badly with
 * nothing to show for it, or without any report.
 */
export function tallyOf(report: VitestReport | null, exitCode: number): Tally {
  const tests = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? []
  const count = (...states: string[]) => tests.filter(({ status }) => states.includes(status)).length
  const [passed, failedTests] = [count('passed'), count('failed')]
  const failedFiles = report?.testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && assertionResults.every((test) => test.status !== 'failed')
  })
  const found = failedTests + (failedFiles?.length ?? 1)
  const failed = found === 0 && exitCode !== 0 ? 1 : found
  return { passed, failed, skipped: tests.length - passed - failedTests }
}

/** The failed tests, each with its file: the last lines of a long run have to suffice to find them. */
export function failuresIn(report: VitestReport | null, root: string): readonly string[] {
  const files = report?.testResults.filter(({ status }) => status === 'failed') ?? []
  return files.flatMap(({ name, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const file = relative(root, name)
    return failed.length === 0 ? [file] : failed.map(({ fullName }) => `${file}: ${fullName}`)
  })
}

export function sum(tallies: readonly Tally[]): Tally {
  const total = (name: keyof Tally) => tallies.reduce((all, tally) => all + tally[name], 0)
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') }
}

export function show({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
