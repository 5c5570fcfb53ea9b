/**
 * Drives a job under test, attempt after attempt. The logs of its sources and sinks, and its
 * checkpoints, outlive each attempt.
 */
import { FatalError } from '../../errors.ts'
import { versionOf } from '../../job/change/jobChange.ts'
import type { Job } from '../../job/defineJob.ts'
import type { JobEvent } from '../../job/events.ts'
import type { CheckpointId, OperatorId } from '../../record.ts'
import type { OpenTable } from '../../state/openTables.ts'
import { settle, type VirtualClock } from '../virtualClock.ts'
import type { TestSource } from './ends.ts'
import { type JobAttempt, jobAttempt } from './jobAttempt.ts'
import { jobLogs, type LogPositions } from './jobLogs.ts'
import { find } from './named.ts'
import type { SinkLog } from './sinkLog.ts'
import { type JobCheckpoint, type TestCheckpoints, testCheckpoints } from './testCheckpoints.ts'
import { testSource } from './testSource.ts'

export interface DriverOptions {
  readonly clock: VirtualClock
  readonly restoreFrom?: JobCheckpoint | undefined
  readonly partitions?: Readonly<Record<string, number>> | undefined
}

export interface JobDriver {
  source<T>(wanted?: string | { readonly id: string }): TestSource<T>
  sink(wanted?: string | { readonly id: string }): SinkLog
  sinks(): readonly SinkLog[]
  watermark(timestamp: number): void
  tables(): readonly OpenTable[]
  advance(ms: number): Promise<void>
  checkpoint(): Promise<JobCheckpoint>
  restore(from?: JobCheckpoint): Promise<void>
  end(): Promise<JobCheckpoint>
  readonly events: readonly JobEvent[]
}

/** Number of times that promises may settle before a barrier counts as held. */
const patience = 10

const beginning: LogPositions = { positions: new Map(), watermarks: new Map(), committed: new Map() }

export function jobDriver(job: Job, options: DriverOptions): JobDriver {
  const { clock, restoreFrom } = options
  const { allowDroppedState } = versionOf(job)
  const first: LogPositions = restoreFrom === undefined ? beginning : { ...beginning, ...restoreFrom }
  const logs = jobLogs(first, options.partitions)
  const events: JobEvent[] = []
  /** Positions of the checkpoints that this test has taken. */
  const positions = new Map<JobCheckpoint, LogPositions>()
  let last = restoreFrom
  let next = 1
  /** The final checkpoint has been taken. */
  let over = false
  let attempt: JobAttempt
  let checkpoints: TestCheckpoints

  function start(from: JobCheckpoint | undefined): void {
    next = (from?.checkpoint ?? 0) + 1
    over = false
    checkpoints = testCheckpoints({
      from,
      outputs: () => attempt.outputs,
      watermarks: () => new Map(logs.sources.map(({ id, marked }) => [id, marked])),
      done,
    })
    const { collect } = checkpoints
    attempt = jobAttempt({ job, clock, from, allowDroppedState, logs, tell: (event) => events.push(event), collect })
  }

  function done(checkpoint: JobCheckpoint): void {
    const id = checkpoint.checkpoint
    for (const sink of logs.sinks) sink.commit(id)
    attempt.committed(id)
    const committed = new Map(logs.sinks.map((sink) => [sink.id, sink.committed.length]))
    positions.set(checkpoint, { ...checkpoint, committed })
    last = checkpoint
  }

  function positionsAt(checkpoint: JobCheckpoint | undefined): LogPositions {
    const found = checkpoint === undefined ? beginning : positions.get(checkpoint)
    if (found === undefined) throw foreign(checkpoint?.checkpoint)
    return found
  }

  async function checkpoint(): Promise<JobCheckpoint> {
    attempt.check()
    if (over) throw ended()
    const id = next++
    const mine = checkpoints
    mine.begin(id)
    attempt.barrier(id)
    for (let round = 0; round < patience && mine.at(id) === undefined; round++) {
      await settle()
      attempt.check()
    }
    const taken = mine.at(id)
    if (taken === undefined) throw waits(id)
    return taken
  }

  if (restoreFrom !== undefined) positions.set(restoreFrom, first)
  start(restoreFrom)
  const missing = [...first.positions.keys()].find((id) => !logs.sources.some((log) => log.id === id))
  if (missing !== undefined) throw sourceMissing(missing)
  return {
    source: (wanted) => testSource(find('source', logs.sources, wanted), clock, () => attempt),
    sink: (wanted) => find('sink', logs.sinks, wanted),
    sinks: () => logs.sinks,
    watermark(timestamp) {
      for (const log of logs.sources) testSource(log, clock, () => attempt).watermark(timestamp)
    },
    tables: () => attempt.states.tables,
    async advance(ms) {
      attempt.check()
      await clock.advanceAsync(ms)
      attempt.check()
    },
    checkpoint,
    async restore(from = last) {
      const to = positionsAt(from)
      attempt.stop()
      logs.rewind(to)
      start(from)
      attempt.read()
      await clock.advanceAsync(0)
      attempt.check()
    },
    async end() {
      attempt.check()
      for (const log of logs.sources) testSource(log, clock, () => attempt).end()
      const final = await checkpoint()
      over = true
      attempt.complete()
      await settle()
      attempt.check()
      return final
    },
    events,
  }
}

/** Error of a missing source, as in a job that is started again. */
function sourceMissing(operator: OperatorId): FatalError {
  return new FatalError('SOURCE_MISSING', 'the checkpoint has offsets of a source that the job does not have', {
    where: { operator },
    hint: 'Restore the source or its previous `id`',
  })
}

function ended(): FatalError {
  return new FatalError('JOB_ENDED', 'the job has taken its last checkpoint', {
    hint: 'Call restore() first, which starts the next run of the job',
  })
}

function waits(checkpoint: CheckpointId): FatalError {
  return new FatalError('CHECKPOINT_WAITS', 'the barrier has not passed the job', {
    where: { checkpoint },
    hint: 'A function of asyncMap has not settled: call advance(ms) before, so that time passes for it',
  })
}

function foreign(checkpoint: CheckpointId | undefined): FatalError {
  return new FatalError('FOREIGN_CHECKPOINT', 'the checkpoint was taken by another test', {
    where: checkpoint === undefined ? {} : { checkpoint },
    hint: 'Continue from it with testJob(job, { restoreFrom: checkpoint })',
  })
}
