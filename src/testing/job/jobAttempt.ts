/**
 * One attempt of a job under test: its real pipeline, feeds and operators, in virtual time, with
 * logs instead of what sources read and sinks write. Everything is synchronous, except functions of
 * the job that await, and the promise of `prepare` at each barrier.
 */
import { Subject } from 'rxjs'
import type { Resource, Services } from '../../attempt.ts'
import { memoryStorage } from '../../checkpoint/memoryStorage.ts'
import { createCredits } from '../../credits.ts'
import { restore } from '../../element.ts'
import { FatalError } from '../../errors.ts'
import { attachment } from '../../job/attachment.ts'
import { barrierWatch } from '../../job/barrierWatch.ts'
import { checkFed } from '../../job/checkFed.ts'
import { checkPassed } from '../../job/checkPassed.ts'
import type { Job } from '../../job/defineJob.ts'
import type { JobEvent } from '../../job/events.ts'
import { type BuiltPipeline, buildPipeline } from '../../job/pipeline.ts'
import type { CheckpointId, OperatorId } from '../../record.ts'
import type { Committable } from '../../sinks/sink.ts'
import { keyedState } from '../../state/store.ts'
import type { TestSnapshot } from '../testStates.ts'
import type { VirtualClock } from '../virtualClock.ts'
import type { JobLogs } from './jobLogs.ts'
import { type LiveStates, liveStates } from './liveStates.ts'
import type { SourceLog } from './sourceLog.ts'
import { type SetWatermarks, wiredSources, withWaysIn } from './wiredSources.ts'

export interface AttemptParts {
  readonly job: Job
  readonly clock: VirtualClock
  readonly from: TestSnapshot | undefined
  readonly allowDroppedState: readonly OperatorId[] | boolean
  readonly logs: Pick<JobLogs, 'source' | 'sink'>
  readonly tell: (event: JobEvent) => void
  /** Receives each element emitted by an output. */
  readonly collect: (committable: Committable) => void
}

/** Attempt of a job under test. The first failure ends it; then all calls but `stop` throw it. */
export interface JobAttempt {
  readonly outputs: number
  readonly states: LiveStates
  /** Reads what there is to read. */
  read(): void
  barrier(checkpoint: CheckpointId): void
  /** The checkpoint is decided. */
  committed(checkpoint: CheckpointId): void
  /** The source has ended. */
  exhaust(source: SourceLog): void
  /** After the final barrier. */
  complete(): void
  check(): void
  stop(): void
}

/** Restores the job, and reads nothing yet. Throws errors that would end a job at once. */
export function jobAttempt(parts: AttemptParts): JobAttempt {
  const { job, clock, from, logs } = parts
  const sets: SetWatermarks = new Map()
  const pipeline = buildPipeline(withWaysIn(job, sets), memoryStorage())
  const { feeds, outputs, badRecords, branches } = pipeline
  const sources = wiredSources(
    feeds.map((feed) => ({ feed, log: logs.source(feed.source), set: sets.get(feed.source.id) ?? new Subject() })),
  )
  const states = liveStates(from, parts.allowDroppedState)
  const opened = openedResources(pipeline, states, logs)
  const services: Services = {
    mode: 'exactly-once',
    clock,
    credits: createCredits(),
    barriers: barrierWatch(),
    badRecords,
    opened: opened.get,
  }
  const attached = attachment(pipeline, { next: collect, error: fail, isFinal: () => completing })
  let failure: { readonly error: unknown } | undefined
  let completing = false
  let reading = false

  function fail(error: unknown): void {
    failure ??= { error }
    attached.stop()
  }

  function check(): void {
    if (failure !== undefined) throw failure.error
  }

  /** An error ends the attempt, as it would end that of a real job. */
  function attempt(act: () => void): void {
    check()
    try {
      act()
    } catch (thrown) {
      fail(thrown)
    }
    check()
  }

  /**
   * State that does not encode is found out here, as in a real job once the outputs have passed the
   * barrier.
   */
  function collect(committable: Committable): void {
    try {
      parts.collect(committable)
    } catch (thrown) {
      fail(thrown)
    }
  }

  function begin(): void {
    const restored = restore(from?.checkpoint ?? 0, from?.states ?? new Map(), services)
    badRecords.begin(restored, branches, parts.tell)
    sources.begin(restored)
    check()
    checkFed(opened, pipeline)
    states.checkClaims()
    sources.restoreWatermarks()
  }

  function read(): void {
    // A push from within a function of the job is read by the loop already running.
    if (reading) return
    reading = true
    try {
      while (failure === undefined && sources.readNext());
    } finally {
      reading = false
    }
  }

  attempt(attached.start)
  attempt(begin)
  return {
    ...{ states, outputs: outputs.length, check, committed: badRecords.committed },
    read: () => attempt(read),
    barrier: (checkpoint) =>
      attempt(() => {
        sources.barrier(checkpoint)
        checkPassed(checkpoint, services.barriers, pipeline)
      }),
    exhaust: (source) => attempt(() => sources.exhaust(source)),
    complete() {
      completing = true
      attempt(sources.complete)
    },
    stop: () => fail(notRunning()),
  }
}

/** Resources that operators find: writers into the logs, and the states. */
function openedResources({ outputs }: BuiltPipeline, { backend }: LiveStates, logs: AttemptParts['logs']) {
  const writers = outputs.map(({ sink }) => [sink, logs.sink(sink).writer] as const)
  const all = new Map<unknown, unknown>([...writers, [keyedState, backend]])
  const used = new Set<unknown>()
  return {
    isUsed: (resource: unknown): boolean => used.has(resource),
    get<W>(resource: Resource<W>): W {
      if (!all.has(resource)) throw new FatalError('NOT_OPENED', 'the test has no stand-in for this source or sink')
      used.add(resource)
      return all.get(resource) as W
    },
  }
}

function notRunning(): FatalError {
  return new FatalError('JOB_NOT_RUNNING', 'the job was stopped and could not be restored', {
    hint: 'See the error of the restore',
  })
}
