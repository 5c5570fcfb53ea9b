/** One run of a job on memory and in virtual time, with the crashes that a script wants, until the job has finished. */

import type { Clock } from '../../attempt.ts'
import type { Source } from '../../contracts/source.ts'
import { FatalError, RetriableError } from '../../errors.ts'
import type { Job } from '../../job/defineJob.ts'
import { execute, type JobHandle } from '../../job/execute.ts'
import type { StreamRecord } from '../../record.ts'
import type { TransactionalSink } from '../../sinks/sink.ts'
import { type VirtualClock, virtualClock } from '../virtualClock.ts'
import { type CrashInputs, partitionsOf, sizeOf } from './crashInput.ts'
import { crashSink } from './crashParts.ts'
import { crashSource } from './crashSource.ts'
import type { Crash, CrashPoint } from './crashStage.ts'
import { type CrashSchedule, type CrashStory, type CrashWorld, crashWorld, recordInterval } from './crashWorld.ts'

/** What a job is built on, in a crash test: sources by the names in `input`, sinks by any names. */
export interface CrashEnds<I, O> {
  readonly source: <N extends keyof I & string>(name: N) => Source<I[N]>
  readonly sink: <N extends keyof O & string>(name: N) => TransactionalSink<O[N]>
  /** Virtual time, for functions of the job that wait. */
  readonly clock: Clock
}

export interface CrashSetup<I, O> {
  readonly job: (ends: CrashEnds<I, O>) => Job
  readonly input: CrashInputs<I>
  readonly checkpointEvery: number
  readonly maxConcurrent: 1 | 2
}

export interface CrashRun {
  /** By sink: what readers see in the end. */
  readonly output: ReadonlyMap<string, readonly StreamRecord<unknown>[]>
  readonly points: readonly CrashPoint[]
  readonly story: CrashStory
  /** What the job has failed with; undefined: it has finished. */
  readonly error: unknown
}

/** How much virtual time passes between two looks whether the job has ended, ms. */
const look = 20
/** Virtual ms. Nothing takes longer in here than a few ms, so a checkpoint that does never ends. */
const checkpointTimeout = 10_000
const restartDelay = 5

/** Its time goes on from that of the process before it, and stands still for ever once it is killed. */
interface Process {
  readonly clock: VirtualClock
  killed: boolean
}

export async function crashRun<I, O>(
  setup: CrashSetup<I, O>,
  script: readonly Crash[],
  schedule: CrashSchedule,
): Promise<CrashRun> {
  let process: Process = { clock: virtualClock(), killed: false }
  const world = crashWorld(script, schedule, process.clock, ({ ends }) => {
    if (ends === 'process') process.killed = true
    else world.stage.life.attempt?.fail(new RetriableError('CRASH_TEST', 'the crash test ends this attempt'))
  })
  let error = await runProcess(setup, world, process)
  while (process.killed) {
    process = { clock: virtualClock(process.clock.now() + restartDelay), killed: false }
    world.clock = process.clock
    error = await runProcess(setup, world, process)
  }
  const output = new Map([...world.sinks].map(([name, { records }]) => [name, records]))
  return { output, points: world.stage.points, story: world.story, error }
}

/** Until the job has ended, and then with its error if it has one, or until the process is killed. */
async function runProcess<I, O>(setup: CrashSetup<I, O>, world: CrashWorld, process: Process): Promise<unknown> {
  const asked = new Set<string>()
  const job = setup.job(endsOf(world, setup.input, process.clock, asked))
  const handle = start(job, setup, world, process)
  let ended: { readonly error?: unknown } | undefined
  handle.done.then(
    () => (ended = {}),
    (error: unknown) => (ended = { error }),
  )
  const end = process.clock.now() + checkpointTimeout * 2 + sizeOf(setup.input) * 1_000
  const isUnderWay = () => ended === undefined && !process.killed
  while (isUnderWay() && process.clock.now() < end) await process.clock.advanceAsync(look)
  if (isUnderWay()) {
    await handle.cancel()
    return neverEnds(job.name)
  }
  if (ended !== undefined && ended.error === undefined) allUsed(setup.input, asked)
  return ended?.error
}

function start<I, O>(job: Job, setup: CrashSetup<I, O>, world: CrashWorld, process: Process): JobHandle {
  const { stage, storage } = world
  const { checkpointEvery, maxConcurrent } = setup
  const interval = checkpointEvery * recordInterval
  const handle = execute(job, {
    checkpointing: { interval, maxConcurrent, timeout: checkpointTimeout },
    restart: () => () => (stage.life.dead ? restartDelay : null),
    storage,
    clock: process.clock,
  })
  handle.events$.subscribe((event) => {
    if (process.killed) return
    if (event.type === 'started') stage.begin(process.clock)
    world.saw({ kind: 'job', event })
  })
  return handle
}

function endsOf<I, O>(world: CrashWorld, input: CrashInputs<I>, clock: Clock, asked: Set<string>): CrashEnds<I, O> {
  return {
    clock,
    source<N extends keyof I & string>(name: N) {
      asked.add(name)
      return crashSource(world, name, partitionsOf(input, name)) as Source<I[N]>
    },
    sink<N extends keyof O & string>(name: N) {
      const committed = (records: readonly StreamRecord<unknown>[]) =>
        world.saw({ kind: 'committed', sink: name, records })
      return crashSink(world.stage, name, world.sink(name), world.ledger, committed) as TransactionalSink<O[N]>
    },
  }
}

function allUsed<I>(input: CrashInputs<I>, asked: ReadonlySet<string>): void {
  const unused = Object.keys(input).find((name) => !asked.has(name))
  if (unused === undefined) return
  throw new FatalError('BAD_OPTION', `there is input for "${unused}", and the job does not read from it`, {
    hint: `Let the job read from source("${unused}"), or leave that input out`,
  })
}

function neverEnds(job: string): FatalError {
  return new FatalError('CRASH_TEST_STUCK', 'the job did not read its input to the end', {
    where: { job },
    hint: 'A crash test does not wait: let functions that take time answer at once, or sleep on the `clock` that the job is given',
  })
}
