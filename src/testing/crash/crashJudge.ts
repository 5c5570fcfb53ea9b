/**
 * Decides whether the output of a run is right: by the output of the undisturbed run, or by the
 * user's invariant.
 */
import { FatalError, toError } from '../../errors.ts'
import { crashDifferences } from './crashCompare.ts'
import { type CrashRun, type CrashSetup, crashRun } from './crashRun.ts'

/** Values that a reader of each sink sees, in order, by sink. */
export type CrashOutput<O> = { readonly [N in keyof O]: readonly O[N][] }
/** Check of the output: throws, or returns false (or a promise of it), if something is wrong. */
export type CrashInvariant<O> = (output: CrashOutput<O>) => unknown

export interface CrashJudge {
  /** Lists what is wrong with a run, a line each. */
  problems(run: CrashRun): Promise<readonly string[]>
  readonly undisturbed: CrashRun
  /** Whether the output of the undisturbed run is the measure. */
  readonly compares: boolean
}

/**
 * Runs the job without a crash and checks that the result can be a measure. Rejects with Fatal
 * CRASH_TEST_UNDISTURBED.
 */
export async function crashJudge<I, O>(
  setup: CrashSetup<I, O>,
  seed: number,
  ordered: boolean,
  invariant: CrashInvariant<O> | undefined,
): Promise<CrashJudge> {
  const undisturbed = await crashRun(setup, [], { seed, backwards: false })
  if (undisturbed.error !== undefined)
    throw withoutCrash(`the job fails: ${toError(undisturbed.error).message}`, undisturbed.error)
  const problems = async (run: CrashRun): Promise<readonly string[]> => {
    if (run.error !== undefined) return [`the job fails: ${toError(run.error).message}`]
    if (invariant !== undefined) return broken(invariant, run)
    return crashDifferences(undisturbed.output, run.output, ordered)
  }
  const [problem] = await problems(undisturbed)
  if (problem !== undefined) throw withoutCrash(problem)
  if (invariant === undefined) {
    if (isEmpty(undisturbed))
      throw withoutCrash('the job writes nothing to a sink of the test, so there is nothing to compare')
    await settled(setup, seed, problems)
  }
  return { problems, undisturbed, compares: invariant === undefined }
}

/**
 * Runs the job again, and then in another order where order is not guaranteed: the output must be
 * the same.
 */
async function settled<I, O>(setup: CrashSetup<I, O>, seed: number, problems: CrashJudge['problems']): Promise<void> {
  const [again] = await problems(await crashRun(setup, [], { seed, backwards: false }))
  if (again !== undefined) {
    throw differs(`the job emits different output in each run, even without a crash: ${again}`, randomHint)
  }
  const [otherwise] = await problems(await crashRun(setup, [], { seed: seed + 1, backwards: true }))
  if (otherwise !== undefined) {
    throw differs(`the output depends on which partition is read first: ${otherwise}`, orderHint)
  }
}

const randomHint =
  'Causes are random numbers, the time of day, and variables outside the pipeline function. Take such values from the record, or pass an `invariant` instead'
const orderHint =
  'After a restart another partition may be read first, so no single output is right: pass an `invariant`, or give the input in one partition. If only the order differs, set compare: "unordered"'

async function broken<O>(invariant: CrashInvariant<O>, { output }: CrashRun): Promise<readonly string[]> {
  const values = Object.fromEntries([...output].map(([sink, records]) => [sink, records.map(({ value }) => value)]))
  try {
    return (await invariant(values as unknown as CrashOutput<O>)) === false ? ['the invariant is false'] : []
  } catch (thrown) {
    return `the invariant is broken: ${toError(thrown).message}`.split('\n')
  }
}

const isEmpty = ({ output }: CrashRun): boolean => [...output.values()].every((records) => records.length === 0)

function withoutCrash(what: string, cause?: unknown): FatalError {
  return new FatalError('CRASH_TEST_UNDISTURBED', `even without a crash, ${what}`, {
    hint: 'Correct this first: a crash test looks for failures that only a crash causes',
    ...(cause === undefined ? {} : { cause }),
  })
}

function differs(what: string, hint: string): FatalError {
  return new FatalError('CRASH_TEST_NOT_DETERMINISTIC', what, { hint })
}
