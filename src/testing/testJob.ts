/**
 * Drives a whole job by hand, without a broker and without waiting: its sources get what the test pushes, its sinks are lists, and time is virtual.
 *
 *   const test = testJob(job)
 *   test.source(clicks).push({ user: 'ann' })
 *   expect(test.sink(counts).values).toEqual([{ user: 'ann', count: 1 }])
 *
 *   await test.checkpoint()
 *   test.source(clicks).push({ user: 'ann' })
 *   await test.restore()          // a crash: what came after the checkpoint is read again, and what it led to comes again
 *
 * Operators, event time, bad records and dead letters are those of a real run. Sources and sinks are never opened: what they decode, encode and
 * choose partitions by is no part of it.
 */

import type { Source } from '../contracts/source.ts'
import type { Job } from '../job/defineJob.ts'
import type { JobEvent } from '../job/events.ts'
import type { OperatorId } from '../record.ts'
import type { TransactionalSink } from '../sinks/sink.ts'
import { type PushOptions, type TestSink, type TestSource, testSink } from './job/ends.ts'
import { jobDriver } from './job/jobDriver.ts'
import type { JobCheckpoint } from './job/testCheckpoints.ts'
import { findTable, type TestState, type TestTimers, testState, timersOf } from './job/testState.ts'
import { type VirtualClock, virtualClock } from './virtualClock.ts'

export interface TestJobOptions {
  /** Default: one that begins at 0. */
  readonly clock?: VirtualClock | undefined
  /** Where the job goes on from: a checkpoint of another test, say with the version of the job before. */
  readonly restoreFrom?: JobCheckpoint | undefined
  /** Operators whose state `restoreFrom` may have and the job not; true: any. Default: none. */
  readonly allowDroppedState?: readonly OperatorId[] | boolean | undefined
  /** How many partitions each source has, by id or topic; default 1. */
  readonly partitions?: Readonly<Record<string, number>> | undefined
}

/** All calls throw, or reject with, what the job has ended with; then only `restore` helps. */
export interface JobTest {
  readonly clock: VirtualClock
  /** By the source itself, its id or its topic; by nothing where there is one. Throws Fatal NO_SUCH_SOURCE. */
  source<T>(source?: Source<T> | string): TestSource<T>
  /** By the sink itself, its id or its topic; by nothing where there is one. The sink for dead letters is one of them. Throws Fatal NO_SUCH_SINK. */
  sink<T>(sink?: TransactionalSink<T> | string): TestSink<T>
  /** Of a job with one source: as `source().push`. */
  push<T>(value: T, options?: PushOptions): void
  /** Of all sources: as `source(...).watermark`. */
  watermark(timestamp: number): void
  /**
   * The keyed state of an operator.
   * @param name of the state, where the operator has several. Throws Fatal NO_SUCH_STATE.
   */
  state<V>(operator: OperatorId, name?: string): TestState<V>
  /** The timers of an operator that are set. Throws Fatal NO_SUCH_STATE. */
  timers(operator: OperatorId): TestTimers
  /** Lets so much time pass by the clock, ms: timers ring, and what waits for promises or for the clock goes on. */
  advance(ms: number): Promise<void>
  /** A barrier goes through the job; what was written before it is committed. Rejects with Fatal CHECKPOINT_WAITS where something holds the barrier. */
  checkpoint(): Promise<JobCheckpoint>
  /**
   * A crash, and a new attempt of the job from a checkpoint; default: the last one, or the beginning. What was not committed then is gone from the sinks,
   * and the sources read again what was pushed since.
   */
  restore(checkpoint?: JobCheckpoint): Promise<void>
  /** All sources are through: their watermarks are Infinity, and a last checkpoint is taken. */
  end(): Promise<JobCheckpoint>
  /** What the job has told of bad and late records; those of what is not committed are not counted yet. */
  readonly events: readonly JobEvent[]
}

/** Starts the job. Throws what is wrong with how it is made; its sources have nothing to read yet. */
export function testJob(job: Job, options: TestJobOptions = {}): JobTest {
  const { clock = virtualClock() } = options
  const { allowDroppedState = ofJob(job) ?? false } = options
  const driver = jobDriver(job, { ...options, clock, allowDroppedState })
  return {
    clock,
    source: (source) => driver.source(source),
    sink: (sink) => testSink(driver.sink(sink)),
    push: (value, options) => driver.source().push(value, options),
    watermark: driver.watermark,
    state: (operator, name) => testState(() => findTable(driver.tables(), operator, name)),
    timers: (operator) => timersOf(driver.tables(), operator),
    advance: driver.advance,
    checkpoint: driver.checkpoint,
    restore: driver.restore,
    end: driver.end,
    events: driver.events,
  }
}

/** What the job itself says, where it does. */
function ofJob(job: Job & { readonly allowDroppedState?: TestJobOptions['allowDroppedState'] }) {
  return job.allowDroppedState
}
