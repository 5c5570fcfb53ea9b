import { RxweftError } from '../../errors.ts'

/** Finding of a crash test: the step, what was wrong afterwards, and how to repeat it. */
export interface CrashFinding {
  /** Number of the crash point, from 1; `only` takes it. */
  readonly crashPoint: number
  /** Number of all crash points. */
  readonly crashPoints: number
  /** Seed of the test. */
  readonly seed: number
  /** Description, such as "process killed after the commit of checkpoint 2, before its answer". */
  readonly step: string
  /** Differences, a line each. */
  readonly problems: readonly string[]
  /** Course of the run, as marbles. */
  readonly picture: string
}

/**
 * Error of a crash test that found a difference; code CRASH_TEST_FAILED. The message shows the
 * crash point, the difference and how to repeat the run.
 */
export class CrashTestError extends RxweftError {
  /** Name of the class. */
  override readonly name = 'CrashTestError'
  /** Effect, as in any RxweftError. */
  readonly consequence = 'fatal'
  /** The finding, for programs. */
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
