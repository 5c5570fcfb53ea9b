/**
 * One attempt of a job under test: its real pipeline, feeds and operators, with logs in place of what sources read and sinks write, in
 * virtual time. Everything is synchronous but for what the job's own functions await, and the promise of `prepare` at each barrier.
 */
import { Subject, Subscription } from 'rxjs'
import { memoryStorage } from '../../checkpoint/memoryStorage.ts'
import { createCredits } from '../../credits.ts'
import {
  type CheckpointId,
  type Resource,
  restore,
  type Services,
  type Split,
  type Watermark,
  watermark,
} from '../../element.ts'
import { FatalError } from '../../errors.ts'
import type { Job, JobBuilder } from '../../job/defineJob.ts'
import type { JobEvent } from '../../job/events.ts'
import type { Feed } from '../../job/feed.ts'
import { buildPipeline } from '../../job/pipeline.ts'
import { outputNotFed, pipelineEnded, unusedSource } from '../../job/wiringErrors.ts'
import type { Committable } from '../../sinks/sink.ts'
import { keyedState } from '../../state/store.ts'
import type { TestSnapshot } from '../testStates.ts'
import type { VirtualClock } from '../virtualClock.ts'
import type { JobLogs } from './jobLogs.ts'
import { type LiveStates, liveStates } from './liveStates.ts'
import { withSetWatermarks } from './setWatermarks.ts'
import type { Logged, SourceLog } from './sourceLog.ts'

export interface AttemptParts {
  readonly job: Job
  readonly clock: VirtualClock
  readonly from: TestSnapshot | undefined
  readonly allowDroppedState: readonly string[] | boolean
  readonly logs: Pick<JobLogs, 'source' | 'sink'>
  readonly tell: (event: JobEvent) => void
  /** What an output emits. */
  readonly collect: (committable: Committable) => void
}

export interface JobAttempt {
  readonly outputs: number
  readonly states: LiveStates
  /** Reads what there is to read. */
  read(): void
  barrier(checkpoint: CheckpointId): void
  committed(checkpoint: CheckpointId): void
  /** The source has ended. */
  exhaust(source: SourceLog): void
  /** After the final barrier. */
  complete(): void
  stop(): void
  /** Throws what the attempt has failed with. */
  check(): void
}

interface Wired {
  readonly feed: Feed
  readonly log: SourceLog
  readonly set: Subject<Watermark>
  held: (split: Split) => boolean
}

/** Restores, and reads nothing yet. Throws what a job would end with at once. */
export function jobAttempt(parts: AttemptParts): JobAttempt {
  const { clock, from, logs } = parts
  const sets = new Map<string, Subject<Watermark>>()
  const pipeline = buildPipeline(watched(parts.job, sets), memoryStorage())
  const wired = pipeline.feeds.map((feed): Wired => {
    const set = sets.get(feed.source.id) ?? new Subject()
    return { feed, set, log: logs.source(feed.source), held: () => false }
  })
  const states = liveStates(from, parts.allowDroppedState)
  const opened = new Map<unknown, unknown>(pipeline.outputs.map(({ sink }) => [sink, logs.sink(sink).writer]))
  const used = new Set<unknown>()
  const subscription = new Subscription()
  let failure: { readonly error: unknown } | undefined
  let completing = false
  let reading = false

  const services: Services = {
    ...{ mode: 'exactly-once', clock, credits: createCredits(), badRecords: pipeline.badRecords },
    opened<W>(resource: Resource<W>): W {
      used.add(resource)
      if (resource === (keyedState as Resource<unknown>)) return states.backend as W
      if (!opened.has(resource)) throw new FatalError('NOT_OPENED', 'the test has nothing in place of this resource')
      return opened.get(resource) as W
    },
  }

  function stop(): void {
    for (const { feed } of wired) feed.stop()
    subscription.unsubscribe()
  }

  function fail(error: unknown): void {
    failure ??= { error }
    stop()
  }

  function check(): void {
    if (failure !== undefined) throw failure.error
  }

  /** What throws ends the attempt, as it would end that of a real job. */
  function attempt(act: () => void): void {
    try {
      act()
    } catch (thrown) {
      fail(thrown)
    }
    check()
  }

  function subscribe(): void {
    for (const output of pipeline.outputs) {
      const complete = (): void => {
        if (!completing) fail(pipelineEnded(output.sink.id))
      }
      subscription.add(output.subscribe({ next: parts.collect, error: fail, complete }))
    }
    const unused = pipeline.feeds.find((feed) => !feed.isUsed())
    if (unused !== undefined && failure === undefined) throw unusedSource(unused.source.id)
  }

  function begin(): void {
    const restored = restore(from?.checkpoint ?? 0, from?.states ?? new Map(), services)
    pipeline.badRecords.begin(restored, pipeline.branches, parts.tell)
    for (const one of wired) {
      one.feed.begin(restored, one.log.position(), (held) => {
        one.held = held
      })
    }
    check()
    const unfed = pipeline.outputs.find(({ sink }) => !used.has(sink))
    if (unfed !== undefined) throw outputNotFed(unfed.sink.id)
    states.checkClaims()
    for (const { log, set } of wired) if (log.marked > -Infinity) set.next(watermark(log.marked))
  }

  /** Of all sources, what was put there first. */
  function next(): readonly [Wired, Logged] | undefined {
    const heads = wired.flatMap((one) => {
      const logged = one.log.peek(one.held)
      return logged === undefined ? [] : [[one, logged] as const]
    })
    return heads.sort(([, a], [, b]) => a.sequence - b.sequence)[0]
  }

  function emit({ feed, log, set }: Wired, logged: Logged): void {
    log.take(logged)
    if (logged.kind === 'watermark') return set.next(watermark(logged.timestamp))
    const { value, timestamp, key, headers, split, offset } = logged
    feed.emit(value, timestamp, key, headers, split, offset)
    feed.settle()
  }

  attempt(() => {
    subscribe()
    check()
    begin()
  })

  return {
    ...{ states, outputs: pipeline.outputs.length, check },
    read() {
      // A job whose functions push into its own sources is read by whoever reads already.
      if (reading) return
      reading = true
      try {
        attempt(() => {
          for (let found = next(); found !== undefined && failure === undefined; found = next()) emit(...found)
        })
      } finally {
        reading = false
      }
    },
    barrier: (checkpoint) =>
      attempt(() => {
        for (const { feed, log } of wired) feed.barrier(checkpoint, log.position())
      }),
    committed: (checkpoint) => pipeline.badRecords.committed(checkpoint),
    exhaust: (source) =>
      attempt(() => {
        for (const { feed, log } of wired) if (log === source) feed.exhausted()
      }),
    complete() {
      completing = true
      for (const { set } of wired) set.complete()
      for (const { feed } of wired) feed.complete()
    },
    stop() {
      fail(notRunning())
    },
  }
}

function notRunning(): FatalError {
  return new FatalError('JOB_NOT_RUNNING', 'the job has been stopped, and could not be restored', {
    hint: 'See what the restore has failed with',
  })
}

/** The job, with a way in for watermarks at each source. */
function watched(job: Job, sets: Map<string, Subject<Watermark>>): Job {
  return {
    ...job,
    pipeline: ({ from }) =>
      job.pipeline({
        from: ((source, strategy) => {
          const set = sets.get(source.id) ?? new Subject<Watermark>()
          sets.set(source.id, set)
          return withSetWatermarks(from(source, strategy), set)
        }) as JobBuilder['from'],
      }),
  }
}
