/** Runs jobs on memory and virtual time, and records their events. */
import { onTestFinished } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { Source } from '../../src/contracts/source.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { RxweftError } from '../../src/errors.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import type { JobEvent } from '../../src/job/events.ts'
import { type ExecuteOptions, execute, type JobHandle, type JobResult } from '../../src/job/execute.ts'
import { noRestart } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { mapWithState } from '../../src/operators/mapWithState.ts'
import { to } from '../../src/operators/to.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { type VirtualClock, virtualClock } from '../../src/testing/virtualClock.ts'

export interface Running {
  readonly handle: JobHandle
  readonly clock: VirtualClock
  readonly storage: CheckpointStorage
  /** All that it has told so far. */
  readonly events: readonly JobEvent[]
  /** The same, a word or two each. */
  readonly story: () => readonly string[]
  /** How it ended; undefined while it runs. */
  readonly ended: () => JobResult | RxweftError | undefined
}

/** A source that never rests: a job behind it skips no checkpoint. @param every ms */
export function restless(clock: VirtualClock, every = 500): Source<string> {
  const from = memorySource<string>()
  const push = (): void => {
    from.push('x')
    clock.setTimeout(push, every)
  }
  push()
  return from
}

/** One upper case sink behind one source. */
export function upper(from: Source<string>, into: TransactionalSink<string>, name = 'upper'): Job {
  return defineJob(name, (builder) =>
    builder.from(from).pipe(
      map((value) => value.toUpperCase()),
      to(into),
    ),
  )
}

/** The same, with state of each value, so that checkpoints have snapshots. */
export function upperWithState(from: Source<string>, into: TransactionalSink<string>, name = 'upper'): Job {
  return defineJob(name, (builder) =>
    builder.from(from).pipe(
      keyBy((value) => value),
      mapWithState((count: number, value) => [count + 1, value.toUpperCase()], 0, { id: 'count' }),
      to(into),
    ),
  )
}

/** Defaults: virtual time, a storage of its own, a checkpoint every 1,000 ms, no restarts. Cancelled when the test ends. */
export function start(job: Job, options: Partial<ExecuteOptions> & { clock?: VirtualClock } = {}): Running {
  const clock = options.clock ?? virtualClock()
  const storage = options.storage ?? memoryStorage()
  const handle = execute(job, {
    restart: noRestart(),
    ...options,
    checkpointing: { interval: 1_000, ...options.checkpointing },
    storage,
    clock,
  })
  const events: JobEvent[] = []
  let end: JobResult | RxweftError | undefined
  handle.events$.subscribe((event) => events.push(event))
  handle.done.then(
    (result) => (end = result),
    (error) => (end = error),
  )
  onTestFinished(() => void handle.cancel().catch(() => undefined))
  return { handle, clock, storage, events, story: () => events.map(told), ended: () => end }
}

function told(event: JobEvent): string {
  switch (event.type) {
    case 'restored':
    case 'stopped':
    case 'finished':
    case 'cancelled':
    case 'checkpoint-stored':
    case 'checkpoint-committed':
      return `${event.type} ${event.checkpoint}`
    case 'checkpoint-triggered':
      return `${event.type} ${event.checkpoint}${event.final ? ' final' : ''}`
    case 'checkpoint-failed':
      return `${event.type} ${event.checkpoint} ${event.error.code}`
    case 'restarting':
      return `${event.type} ${event.error.code} ${event.delay}`
    case 'failed':
      return `${event.type} ${event.error.code}`
    default:
      return event.type
  }
}

/** Advances until the job has ended, at most so many ms of virtual time. */
export async function untilEnd(running: Running, most = 100_000): Promise<JobResult> {
  for (let passed = 0; running.ended() === undefined && passed < most; passed += 100) {
    await running.clock.advanceAsync(100)
  }
  const end = running.ended()
  if (end === undefined) throw new Error(`still running: ${running.story().join(', ')}`)
  if (end instanceof Error) throw end
  return end
}

/** What it ended with, as an error. */
export async function failure(running: Running, most?: number): Promise<RxweftError> {
  const end = await untilEnd(running, most).catch((error: unknown) => error)
  if (end instanceof RxweftError) return end
  throw end instanceof Error ? end : new Error(`it did not fail: ${JSON.stringify(end)}`)
}
