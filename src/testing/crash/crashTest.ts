import type { Job } from '../../job/defineJob.ts'
import { aFunction, anObject, oneOf, required, rule, wholeNumber } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import type { CrashInputs } from './crashInput.ts'
import { type CrashInvariant, type CrashJudge, crashJudge } from './crashJudge.ts'
import { crashPicture } from './crashPicture.ts'
import { type CrashEnds, type CrashSetup, crashRun } from './crashRun.ts'
import { type CrashCase, crashCases, describeCase } from './crashScript.ts'
import { CrashTestError } from './crashTestError.ts'

/** Options of `crashTest`. */
export interface CrashTestOptions<I, O> {
  /**
   * Values of the sources, by name: an array, or `{ partitions, key, timestamp }` as for
   * `memorySource`. Each of some hundred runs reads all of them, so 10 to 50 values are enough.
   */
  readonly input: CrashInputs<I>
  /**
   * Check of the values in each sink at the end of every run. Default: the output must equal that
   * of the undisturbed run.
   */
  readonly invariant?: CrashInvariant<O> | undefined
  /**
   * Comparison of outputs. 'ordered': order counts within each source partition, and for results of
   * windows and joins within each key. 'unordered': it does not count, as after `asyncMap` with
   * `ordered: false`. Default 'ordered'.
   */
  readonly compare?: 'ordered' | 'unordered' | undefined
  /** Approximate number of records between checkpoints. Default 3. */
  readonly checkpointEvery?: number | undefined
  /** Number of checkpoints in progress at once, as in CheckpointSettings. Default 1. */
  readonly maxConcurrent?: 1 | 2 | undefined
  /**
   * Number of crashes in each run: the first at its crash point, the others at random. Default 1.
   */
  readonly crashes?: number | undefined
  /** Seed of durations and all other random choices, a whole number. Default 1. */
  readonly seed?: number | undefined
  /** Number of the only crash point to run, as in a report. Default: all crash points run. */
  readonly only?: number | undefined
}

const rules: OptionRules<CrashTestOptions<never, never>> = {
  input: required(anObject),
  invariant: aFunction,
  compare: oneOf('ordered', 'unordered'),
  checkpointEvery: wholeNumber(1),
  maxConcurrent: oneOf(1, 2),
  crashes: wholeNumber(1),
  seed: rule('a whole number', Number.isSafeInteger),
  only: wholeNumber(1),
}

/** Result of a crash test without findings. */
export interface CrashReport {
  /** Number of crash points. */
  readonly crashPoints: number
  /** Number of crash points that were run. */
  readonly runs: number
  /** Seed of the test. */
  readonly seed: number
  /** Description of each crash point, in order. */
  readonly steps: readonly string[]
}

/**
 * Crashes a job at every step of the checkpoint protocol, restarts it, and checks its output.
 *
 * ```ts
 * await crashTest(({ source, sink }) => totals(source('orders'), sink('totals')), {
 *   input: { orders },
 * })
 * ```
 *
 * A job under test takes its sources and sinks as parameters; elsewhere it gets those of Kafka. The
 * runner is the real one, on memory and virtual time, so a thousand crashes take a few seconds.
 *
 * @param job makes the job on the given ends. Called once per process: variables outside of it are
 *   kept when an attempt fails and lost when the process is killed, and both are tried
 * @returns a summary of the runs. Rejects with CrashTestError at the first crash point that changes
 *   the output
 * @throws CRASH_TEST_NOT_DETERMINISTIC if runs without a crash differ
 * @throws CRASH_TEST_UNDISTURBED if a run without a crash fails or breaks the invariant
 * @throws BAD_OPTION if an option is wrong
 */
export async function crashTest<I, O extends Record<string, unknown> = Record<string, unknown>>(
  job: (ends: CrashEnds<I, O>) => Job,
  options: CrashTestOptions<I, O>,
): Promise<CrashReport> {
  checkOptions<CrashTestOptions<I, O>>('crashTest', options, rules)
  const { input, invariant, only, compare = 'ordered' } = options
  const { checkpointEvery = 3, maxConcurrent = 1, crashes = 1, seed = 1 } = options
  const setup = { job, input, checkpointEvery, maxConcurrent }
  const judge = await crashJudge(setup, seed, compare === 'ordered', invariant)
  const cases = crashCases(judge.undisturbed.points, crashes, seed)
  if (only !== undefined) checkOptions('crashTest', { only }, { only: required(wholeNumber(1, cases.length)) })
  const chosen = only === undefined ? [...cases.keys()] : [only - 1]
  for (const at of chosen) await tryCase(setup, seed, judge, cases, at)
  return { crashPoints: cases.length, runs: chosen.length, seed, steps: cases.map(describeCase) }
}

async function tryCase<I, O>(
  setup: CrashSetup<I, O>,
  seed: number,
  judge: CrashJudge,
  cases: readonly CrashCase[],
  at: number,
): Promise<void> {
  const tried = cases[at] as CrashCase
  const run = await crashRun(setup, tried.script, { seed, backwards: false })
  const problems = await judge.problems(run)
  if (problems.length === 0) return
  const picture = crashPicture(run.story, judge.compares ? judge.undisturbed.output : undefined)
  const found = { crashPoint: at + 1, crashPoints: cases.length, seed, step: describeCase(tried), problems, picture }
  throw new CrashTestError(found, run.error)
}
