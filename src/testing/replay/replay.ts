import { FatalError } from '../../errors.ts'
import type { Job } from '../../job/defineJob.ts'
import { nonEmptyText, required } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import type { TransactionalSink } from '../../sinks/sink.ts'
import { findTable, stateView } from '../../state/stateView.ts'
import { type TestSink, testSink } from '../job/ends.ts'
import { type JobDriver, jobDriver } from '../job/jobDriver.ts'
import type { TestState } from '../job/testState.ts'
import { type VirtualClock, virtualClock } from '../virtualClock.ts'
import { picture } from './picture.ts'
import { type InputRecord, readInput } from './readInput.ts'
import { rangeBetween, type SavedIn, savedCheckpoint, savedRules } from './savedCheckpoint.ts'
import { savedState } from './savedState.ts'
import { type StateDifference, stateDifferences } from './stateDifferences.ts'

/** Options of `replay`. */
export interface ReplayOptions extends SavedIn {
  /** Name of the savepoint from which the job goes on. */
  readonly from: string
  /** Name of a later savepoint, whose state the job must arrive at. */
  readonly to: string
}

/** Job that repeats, in a test, what production has done between two savepoints. */
export interface Replay {
  /** Clock of the job; stands at the time of the first savepoint. */
  readonly clock: VirtualClock
  /** What production has read between the savepoints, in the order of timestamps. */
  readonly input: readonly InputRecord[]
  /** Number of records in between that could not be decoded; they are left out. */
  readonly refused: number
  /** Number of records that are still to come. */
  readonly left: number
  /** Processes the next records, one by default, and returns them. */
  step(count?: number): readonly InputRecord[]
  /** Finds a sink, as in `testJob`. */
  sink<T>(sink?: TransactionalSink<T> | string): TestSink<T>
  /** Finds the keyed state of an operator, as in `testJob`. */
  state<V>(operator: string, name?: string): TestState<V>
  /** Draws what was read and written so far: a line for each source and sink, a column a step. */
  marbles(): string
  /**
   * Processes the rest, takes a checkpoint, and compares its state with that of the second
   * savepoint.
   *
   * @throws REPLAY_DIFFERS if it is another state
   */
  finish(): Promise<void>
  /** The differences, without an error; empty before the end is reached tells nothing. */
  differences(): readonly StateDifference[]
}

const rules: OptionRules<ReplayOptions> = { ...savedRules, from: required(nonEmptyText), to: required(nonEmptyText) }

/**
 * Repeats in a test what a job has done in production: loads a savepoint, reads the input up to a
 * later one from the real sources, and plays it through the job in virtual time. Nothing is
 * written.
 *
 * ```ts
 * const replayed = await replay(job, { storage, from: 'before', to: 'after' })
 * replayed.step(3)
 * console.log(replayed.marbles())
 * await replayed.finish() // arrives at the state of 'after'
 * ```
 *
 * It replays one shard. Records keep the order of their partitions; between partitions the order is
 * that of timestamps, since nobody has kept the real one: a job whose state depends on it, or on
 * the time of day, may arrive at another state.
 *
 * @throws BAD_OPTION if an option is wrong
 * @throws SAVEPOINT_MISSING, SHARD_MISSING if there is no such savepoint or shard
 * @throws CANNOT_REPLAY for a job with repartition topics
 */
export async function replay(job: Job, options: ReplayOptions): Promise<Replay> {
  checkOptions('replay', options, rules, { where: { job: job.name } })
  const { from, to, shard = 0 } = options
  const begun = await savedCheckpoint(job, from, options)
  const wanted = await savedCheckpoint(job, to, options)
  const range = rangeBetween(job.name, begun, wanted)
  const { records: input, refused } = await readInput(job, { ...range, shard, slots: begun.kept.slots })
  const clock = virtualClock(begun.kept.takenAt)
  const driver = jobDriver(job, { clock, restoreFrom: begun.checkpoint })
  const expected = savedState(job, wanted)
  const drawing = picture(driver)
  let done = 0

  function step(count = 1): readonly InputRecord[] {
    const next = input.slice(done, done + count)
    for (const record of next) {
      push(driver, record)
      drawing.step(record)
    }
    done += next.length
    return next
  }

  const differences = (): readonly StateDifference[] => stateDifferences(expected, driver.tables())
  return {
    ...{ clock, input, refused, step, differences, marbles: drawing.drawn },
    get left() {
      return input.length - done
    },
    sink: (sink) => testSink(driver.sink(sink)),
    state: (operator, name) => stateView(() => findTable(driver.tables(), operator, name)),
    async finish() {
      step(input.length)
      await driver.checkpoint()
      const found = differences()
      if (found.length > 0) throw differs(job.name, to, found)
    },
  }
}

/** Pushes a record as the source has read it. */
export function push(driver: JobDriver, { source, value, ...options }: InputRecord): void {
  driver.source(source).push(value, options)
}

function differs(job: string, to: string, found: readonly StateDifference[]): FatalError {
  const shown = found.slice(0, 5).map(({ operator, state, key }) => `${operator} (${state}) of key ${String(key)}`)
  const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : ''
  return new FatalError('REPLAY_DIFFERS', `the state is not that of "${to}": ${shown.join(', ')}${more}`, {
    where: { job },
    hint: 'See differences(). The job depends on what a replay does not have: the order between partitions, the time of day, services, or it is another version',
  })
}
