import type { Source } from '../contracts/source.ts'
import type { Job } from '../job/defineJob.ts'
import type { JobEvent } from '../job/events.ts'
import { anObject } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import type { OperatorId } from '../record.ts'
import type { TransactionalSink } from '../sinks/sink.ts'
import { findTable, stateView } from '../state/stateView.ts'
import { type PushOptions, type TestSink, type TestSource, testSink } from './job/ends.ts'
import { jobDriver } from './job/jobDriver.ts'
import type { JobCheckpoint } from './job/testCheckpoints.ts'
import { type TestState, type TestTimers, timersOf } from './job/testState.ts'
import { type VirtualClock, virtualClock } from './virtualClock.ts'

/** Options of `testJob`. */
export interface TestJobOptions {
  /** Clock of the job. Default: a virtual clock that begins at 0. */
  readonly clock?: VirtualClock | undefined
  /**
   * Checkpoint to resume, of another test, such as one with the previous version of the job.
   * Default: none.
   */
  readonly restoreFrom?: JobCheckpoint | undefined
  /** Number of partitions of each source, by id or topic. Default 1. */
  readonly partitions?: Readonly<Record<string, number>> | undefined
}

/** Job under test. After the job has failed, calls throw its error until `restore`. */
export interface JobTest {
  /** Clock of the job. */
  readonly clock: VirtualClock
  /**
   * Finds a source by itself, its id or its topic; the only source needs no argument.
   *
   * @throws NO_SUCH_SOURCE if there is none, or the argument is missing and there are several
   */
  source<T>(source?: Source<T> | string): TestSource<T>
  /**
   * Finds a sink by itself, its id or its topic; the only sink needs no argument. The sink of dead
   * letters is one of them.
   *
   * @throws NO_SUCH_SINK if there is none, or the argument is missing and there are several
   */
  sink<T>(sink?: TransactionalSink<T> | string): TestSink<T>
  /** Pushes a value into the only source. */
  push<T>(value: T, options?: PushOptions): void
  /** Advances event time of all sources to `timestamp`, ms since the epoch. */
  watermark(timestamp: number): void
  /**
   * Finds the keyed state of an operator.
   *
   * @param name name of the state, if the operator has several
   * @throws NO_SUCH_STATE if there is none
   */
  state<V>(operator: OperatorId, name?: string): TestState<V>
  /**
   * Lists the timers that an operator has set.
   *
   * @throws NO_SUCH_STATE if the operator has none
   */
  timers(operator: OperatorId): TestTimers
  /**
   * Advances the clock by `ms`: timers fire, and code that waits for promises or the clock
   * continues.
   */
  advance(ms: number): Promise<void>
  /**
   * Sends a barrier through the job and commits what was written before it.
   *
   * @throws CHECKPOINT_WAITS if an operator holds the barrier
   */
  checkpoint(): Promise<JobCheckpoint>
  /**
   * Crashes the job and starts a new attempt from a checkpoint, by default the last one.
   *
   * Uncommitted output disappears from the sinks, and sources read again what was pushed since.
   */
  restore(checkpoint?: JobCheckpoint): Promise<void>
  /** Ends all sources: their watermarks become Infinity, and a last checkpoint is taken. */
  end(): Promise<JobCheckpoint>
  /** Events about bad and late records; those of uncommitted records are not counted yet. */
  readonly events: readonly JobEvent[]
}

const rules: OptionRules<TestJobOptions> = {
  clock: anObject,
  restoreFrom: anObject,
  partitions: anObject,
}

/**
 * Starts a job under test: the test pushes into its sources, sinks are lists, time is virtual.
 *
 * ```ts
 * const test = testJob(job)
 * test.source(clicks).push({ user: 'ann' })
 * expect(test.sink(counts).values).toEqual([{ user: 'ann', count: 1 }])
 *
 * await test.checkpoint()
 * test.source(clicks).push({ user: 'ann' })
 * await test.restore() // a crash: records since the checkpoint are read again
 * ```
 *
 * Operators, event time, bad records and dead letters are those of a real run. Sources and sinks
 * are never opened, so decoding, encoding and partitioning are not tested. Throws what is wrong
 * with the job's definition.
 */
export function testJob(job: Job, options: TestJobOptions = {}): JobTest {
  checkOptions('testJob', options, rules)
  const { clock = virtualClock() } = options
  const driver = jobDriver(job, { ...options, clock })
  return {
    clock,
    source: (source) => driver.source(source),
    sink: (sink) => testSink(driver.sink(sink)),
    push: (value, options) => driver.source().push(value, options),
    watermark: driver.watermark,
    state: (operator, name) => stateView(() => findTable(driver.tables(), operator, name)),
    timers: (operator) => timersOf(driver.tables(), operator),
    advance: driver.advance,
    checkpoint: driver.checkpoint,
    restore: driver.restore,
    end: driver.end,
    events: driver.events,
  }
}
