/** Jobs over shards that all run in this thread, on an embedded log and virtual time: all that threads have to do with is left out. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { fileStorage } from '../../../src/checkpoint/fileStorage.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { CheckpointStorage } from '../../../src/contracts/storage.ts'
import type { EmbeddedLog } from '../../../src/embedded/embeddedLog.ts'
import { embeddedSink } from '../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import { RxweftError } from '../../../src/errors.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import type { ExecuteOptions } from '../../../src/job/executeOptions.ts'
import { execution } from '../../../src/job/execution.ts'
import type { JobResult, RunningJob } from '../../../src/job/jobHandle.ts'
import { planning } from '../../../src/job/planning.ts'
import { fixedDelay } from '../../../src/job/restart.ts'
import { overShards, type SpreadJob } from '../../../src/job/shards/main/overShards.ts'
import { map } from '../../../src/operators/map.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { samePartition } from '../../../src/sinks/partitioner.ts'
import type { VirtualClock } from '../../../src/testing/virtualClock.ts'
import { temporaryFolder } from '../../checkpoint/temporaryFolder.ts'

export interface Spread {
  readonly handle: RunningJob & Partial<Pick<SpreadJob, 'rescale'>>
  readonly events: readonly JobEvent[]
  /** What the shard has told, a word each; undefined: what is told of the whole job. */
  story(shard?: number): readonly string[]
  /** The shards that were started, in order. */
  readonly started: readonly number[]
  ended(): JobResult | RxweftError | undefined
}

export interface SpreadOptions extends Partial<ExecuteOptions> {
  readonly clock: VirtualClock
  readonly storage: CheckpointStorage
  readonly shards: number
}

export function spread(job: Job, { shards, signal, ...options }: SpreadOptions): Spread {
  const me = randomUUID()
  const started: number[] = []
  const settings = { restart: fixedDelay({ attempts: 5, delay: 10 }), checkpointing: { interval: 1_000 }, ...options }
  const start = (shard: number, plan?: Plan) => {
    started.push(shard)
    return execution(job, settings, { execution: me, shard, shards: plan?.owners.length ?? shards, plan })
  }
  const planFor = (wanted: number) => planning(job, settings, { execution: me, shards: wanted })
  // As `execute` does: a job of one shard has no plan.
  const plain = shards === 1 && options.rescale === undefined
  const handle = plain ? start(0) : overShards(shards, planFor, { start }, signal)
  const events: JobEvent[] = []
  let end: JobResult | RxweftError | undefined
  handle.events$.subscribe((event) => events.push(plain && !isEnd(event) ? { ...event, shard: 0 } : event))
  handle.done.then(
    (result) => (end = result),
    (error) => (end = error instanceof RxweftError ? error : undefined),
  )
  onTestFinished(() =>
    handle.cancel().then(
      () => undefined,
      () => undefined,
    ),
  )
  return {
    ...{ handle, events, started },
    story: (shard) => events.filter((event) => event.shard === shard).map(told),
    ended: () => end,
  }
}

const isEnd = ({ type }: JobEvent) => ['stopped', 'finished', 'cancelled', 'failed'].includes(type)

function told(event: JobEvent): string {
  return 'checkpoint' in event ? `${event.type} ${event.checkpoint}` : event.type
}

/** A folder of the test's own; the one in memory cannot be spread. */
export async function storageOf(): Promise<CheckpointStorage> {
  return fileStorage(join(await temporaryFolder(), 'checkpoints'))
}

/** Upper case, each partition into the one of the same number. */
export function upper(log: EmbeddedLog, until?: 'latest', transform = (value: string) => value.toUpperCase()): Job {
  return defineJob('upper', ({ from }) =>
    from(embeddedSource(log, { topic: 'in', value: text, until })).pipe(
      map(transform),
      to(embeddedSink(log, { topic: 'out', value: text, partitioner: samePartition })),
    ),
  )
}

/** Virtual time goes on until `happened`; files are real, so between two steps there is a real moment. */
export async function until(clock: VirtualClock, happened: () => boolean): Promise<void> {
  for (let left = 2_000; !happened(); left--) {
    if (left === 0) throw new Error('it has not happened')
    await clock.advanceAsync(10)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
