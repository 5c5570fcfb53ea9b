/** What a crash test has found: at which step, what was wrong afterwards, and how to see it again. */
import { RxweftError } from '../../errors.ts'

export interface CrashFinding {
  /** Counts the crash points from 1: what `only` takes. */
  readonly crashPoint: number
  readonly crashPoints: number
  readonly seed: number
  /** As in "process killed after the commit of checkpoint 2, before its answer". */
  readonly step: string
  /** What is wrong, a line each. */
  readonly problems: readonly string[]
  /** What happened, as marbles. */
  readonly picture: string
}

/** Code CRASH_TEST_FAILED. The message says it all; the fields are for programs. */
export class CrashTestError extends RxweftError {
  override readonly name = 'CrashTestError'
  readonly consequence = 'fatal'
  readonly finding: CrashFinding

  constructor(finding: CrashFinding, cause?: unknown) {
    super('CRASH_TEST_FAILED', told(finding), cause === undefined ? {} : { cause })
    this.finding = finding
  }
}

function told({ step, problems, picture, seed, crashPoint, crashPoints }: CrashFinding): string {
  const again = `Crash point ${crashPoint} of ${crashPoints}, seed ${seed}. Only this one: crashTest(job, { ..., seed: ${seed}, only: ${crashPoint} })`
  return [step, ...indented(problems), '', ...indented(picture.split('\n')), '', again].join('\n')
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`)
}
