/** Runs jobs for broker tests: to the end or until an event, and never beyond the test. */

import { filter, firstValueFrom } from 'rxjs'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { CheckpointSettings } from '../../src/checkpoint/settings.ts'
import type { Source } from '../../src/contracts/source.ts'
import type { RxweftError } from '../../src/errors.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import type { JobEvent } from '../../src/job/events.ts'
import { type ExecuteOptions, execute, type JobHandle, type JobResult } from '../../src/job/execute.ts'
import { tap } from '../../src/operators/tap.ts'
import { to } from '../../src/operators/to.ts'
import type { StreamRecord } from '../../src/record.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import type { StreamOperator } from '../../src/stream.ts'
import { noWatermarks } from '../../src/time/watermarks.ts'

/** Copies a source into a sink. */
export function copy<T>(name: string, source: () => Source<T>, sink: () => TransactionalSink<T>): Job {
  return defineJob(name, ({ from }) => from(source(), noWatermarks()).pipe(to(sink())))
}

/** Keeps the records of a source, in order. */
export function collect<T>(name: string, source: () => Source<T>, into: StreamRecord<T>[]): Job {
  return defineJob(name, ({ from }) => from(source(), noWatermarks()).pipe(keep(into), to(nowhere<T>())))
}

export function keep<T>(into: StreamRecord<T>[]): StreamOperator<T, T> {
  return tap((_, record) => void into.push(record))
}

/** A sink that drops all records. */
export function nowhere<T>(): TransactionalSink<T> {
  return {
    id: 'nowhere',
    guarantee: 'none',
    open: async () => ({ write: () => undefined, prepare: async () => null, close: async () => undefined }),
  }
}

export type Running = JobHandle & {
  /** All events so far. */
  readonly seen: readonly JobEvent[]
  /**
   * Resolves with the first event of this type, past ones included; rejects if the job ends before.
   */
  until<K extends JobEvent['type']>(type: K): Promise<Extract<JobEvent, { type: K }>>
  /** Resolves when `count` more checkpoints are committed. */
  checkpoints(count: number): Promise<void>
}

const running = new Set<JobHandle>()

/** Runs with short checkpoint intervals and otherwise default options. */
export function run(job: Job, options: Partial<ExecuteOptions> = {}): Running {
  const checkpointing: Partial<CheckpointSettings> = { interval: 200, ...options.checkpointing }
  const handle = execute(job, { storage: memoryStorage(), ...options, checkpointing })
  const seen: JobEvent[] = []
  handle.events$.subscribe((event) => seen.push(event))
  running.add(handle)
  handle.done.catch(() => undefined).finally(() => running.delete(handle))

  const either = <R>(happening: Promise<R>): Promise<R> =>
    Promise.race([happening.catch(() => new Promise<never>(() => undefined)), handle.done.then(early)])

  return {
    ...handle,
    seen,
    async until(type) {
      const isIt = (event: JobEvent): boolean => event.type === type
      const found = seen.find(isIt) ?? (await either(firstValueFrom(handle.events$.pipe(filter(isIt)))))
      return found as never
    },
    async checkpoints(count) {
      const committed = handle.events$.pipe(filter(({ type }) => type === 'checkpoint-committed'))
      for (let left = count; left > 0; left--) await either(firstValueFrom(committed))
    },
  }
}

/** Runs a bounded job. */
export function runToEnd(job: Job, options: Partial<ExecuteOptions> = {}): Promise<JobResult> {
  return run(job, options).done
}

/** Error with which the job ends; rejects if it ends without one. */
export async function failure(job: Running): Promise<RxweftError> {
  return job.done.then(
    ({ outcome }) => Promise.reject(new Error(`the job did not fail: ${outcome}`)),
    (error) => error,
  )
}

/** For afterEach: cancels jobs that a failed test left running. */
export async function cancelAll(): Promise<void> {
  await Promise.allSettled([...running].map((handle) => handle.cancel()))
}

/** Polls until it is true, limited by the timeout of the test. */
export async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10))
}

function early({ outcome }: JobResult): never {
  throw new Error(`the job ended too early: ${outcome}`)
}
