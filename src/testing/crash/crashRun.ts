/**
 * Runs a job once, in memory and virtual time, with the crashes of a script, until it has finished.
 */
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

/** Sources and sinks on which a crash test runs a job. */
export interface CrashEnds<I, O> {
  /** Returns the source of a name in `input`. */
  readonly source: <N extends keyof I & string>(name: N) => Source<I[N]>
  /** Returns a sink of any name. */
  readonly sink: <N extends keyof O & string>(name: N) => TransactionalSink<O[N]>
  /** Clock of virtual time, for functions of the job that wait. */
  readonly clock: Clock
}

export interface CrashSetup<I, O> {
  readonly job: (ends: CrashEnds<I, O>) => Job
  readonly input: CrashInputs<I>
  readonly checkpointEvery: number
  readonly maxConcurrent: 1 | 2
}

export interface CrashRun {
  /** Records that readers see in the end, by sink. */
  readonly output: ReadonlyMap<string, readonly StreamRecord<unknown>[]>
  readonly points: readonly CrashPoint[]
  readonly story: CrashStory
  /** Error with which the job failed; undefined if it finished. */
  readonly error: unknown
}

/** Virtual time between two checks whether the job has ended, ms. */
const look = 20
/**
 * Limit for a checkpoint, virtual ms. Nothing takes longer than a few ms here, so a checkpoint that
 * does never ends.
 */
const checkpointTimeout = 10_000
const restartDelay = 5

/**
 * Simulated process. Its time continues from that of the one before, and stops when it is killed.
 */
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

/** Runs until the job has ended, and returns its error if any, or until the process is killed. */
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
  throw new FatalError('BAD_OPTION', `the test has input for "${unused}", but the job does not read from it`, {
    hint: `Read from source("${unused}") in the job, or remove this input`,
  })
}

function neverEnds(job: string): FatalError {
  return new FatalError('CRASH_TEST_STUCK', 'the job did not read its input to the end', {
    where: { job },
    hint: 'A crash test does not wait: functions that take time must answer at once, or sleep on the `clock` that the job is given',
  })
}
