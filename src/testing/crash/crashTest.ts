/**
 * Runs a job once for every step of the checkpoint protocol, ends it there, starts it again, and looks whether its output is what it
 * is without the crash. On memory and in virtual time, so that a thousand crashes take a few seconds; the runner is the real one.
 *
 *   await crashTest(({ source, sink }) => totals(source('orders'), sink('totals')), { input: { orders } })
 *
 * For that a job is a function of its ends: it takes its sources and sinks as parameters, and is given those of Kafka elsewhere.
 */
import { FatalError } from '../../errors.ts'
import type { Job } from '../../job/defineJob.ts'
import type { CrashInputs } from './crashInput.ts'
import { type CrashInvariant, type CrashJudge, crashJudge } from './crashJudge.ts'
import { crashPicture } from './crashPicture.ts'
import { type CrashEnds, type CrashSetup, crashRun } from './crashRun.ts'
import { type CrashCase, crashCases, describeCase } from './crashScript.ts'
import { CrashTestError } from './crashTestError.ts'

export interface CrashTestOptions<I, O> {
  /**
   * What the sources read, by name: an array of values, or `{ partitions, key, timestamp }` as for `memorySource`. Each of some hundred
   * runs reads all of it, so 10 to 50 values are plenty.
   */
  readonly input: CrashInputs<I>
  /**
   * What must hold for the values in each sink at the end of every run: throws or returns false where it does not. Without it the
   * output must be that of the undisturbed run.
   */
  readonly invariant?: CrashInvariant<O> | undefined
  /**
   * ordered (default): the order within each source partition counts, and of results of windows and joins the order within each key. unordered: it
   * does not, as after `asyncMap` with `ordered: false`.
   */
  readonly compare?: 'ordered' | 'unordered' | undefined
  /** A checkpoint about every so many records; default 3. */
  readonly checkpointEvery?: number | undefined
  /** As in the checkpointing settings of a job; default 1. */
  readonly maxConcurrent?: 1 | 2 | undefined
  /** How often each run crashes: first at its crash point, then at random; default 1. */
  readonly crashes?: number | undefined
  /** Decides how long things take, and all else that is random; a whole number, default 1. Another seed is another test. */
  readonly seed?: number | undefined
  /** Runs this crash point alone, by the number that a report gives. */
  readonly only?: number | undefined
}

export interface CrashReport {
  /** How many there are, and how many of them were run. */
  readonly crashPoints: number
  readonly runs: number
  readonly seed: number
  /** What each crash point is, in order. */
  readonly steps: readonly string[]
}

/**
 * @param job makes the job on the ends that it is given. It is called once per process, so what it closes over is kept when an attempt
 *   fails and lost when the process is killed; both are tried. Sources and sinks that are not from here do not crash.
 * @returns what was tried. Rejects with CrashTestError at the first crash point that makes a difference; with Fatal
 *   CRASH_TEST_NOT_DETERMINISTIC where runs without a crash differ, CRASH_TEST_UNDISTURBED where one fails or breaks the invariant,
 *   BAD_OPTION on options that make no sense.
 */
export async function crashTest<I, O extends Record<string, unknown> = Record<string, unknown>>(
  job: (ends: CrashEnds<I, O>) => Job,
  options: CrashTestOptions<I, O>,
): Promise<CrashReport> {
  const { input, invariant, only, compare = 'ordered' } = options
  const { checkpointEvery = 3, maxConcurrent = 1, crashes = 1, seed = 1 } = options
  whole({ checkpointEvery, crashes, only: only ?? 1 })
  const setup = { job, input, checkpointEvery, maxConcurrent }
  const judge = await crashJudge(setup, seed, compare === 'ordered', invariant)
  const cases = crashCases(judge.undisturbed.points, crashes, seed)
  if (only !== undefined && only > cases.length) throw bad('only', only, `from 1 to ${cases.length}`)
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

function whole(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(Number.isInteger(value) && value >= 1)) throw bad(name, value, 'a whole number from 1')
  }
}

function bad(name: string, value: number, must: string): FatalError {
  return new FatalError('BAD_OPTION', `${name} is ${value}`, { hint: `Make it ${must}` })
}
