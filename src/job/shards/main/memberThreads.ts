/**
 * Shards of a member over its threads: each thread runs several of them, and a new shard goes to
 * the thread with the fewest. A thread that dies is replaced, and its shards begin anew in others,
 * after their own restart strategy.
 */
import { Subject } from 'rxjs'
import type { Clock } from '../../../attempt.ts'
import { onAbort, sleep } from '../../../clock.ts'
import type { Plan } from '../../../contracts/plan.ts'
import { deferred } from '../../../deferred.ts'
import { FatalError, toRxweftError } from '../../../errors.ts'
import type { CheckpointId } from '../../../record.ts'
import type { JobEvent } from '../../events.ts'
import type { JobResult } from '../../jobHandle.ts'
import type { ShardRun, StartShard } from '../../members/shardRun.ts'
import type { RestartStrategy } from '../../restart.ts'
import { type Failure, type Restarting, restarting } from '../../restarting.ts'
import type { MemberReport, MemberWord } from '../memberMessages.ts'
import { type Order, unpackError, unpackEvent } from '../messages.ts'
import { died, grace, startMemberThread, type Thread } from '../worker/thread.ts'

export interface MemberThreadsOptions {
  readonly job: string
  readonly execution: string
  readonly program: string | URL
  readonly threads: number
  readonly clock: Clock
  readonly restart: RestartStrategy
  /** Called when the program asks to end the whole job. */
  readonly ask: (what: Order) => void
}

export interface MemberThreads {
  readonly start: StartShard
  /** Time since the last sign of life of the thread of each shard, ms. */
  silences(): ReadonlyMap<number, number>
  close(): Promise<void>
}

type Hear = (report: Exclude<MemberReport, { readonly type: 'running' | 'ask' }>) => void

interface Lane {
  readonly thread: Thread
  /** Shards that it runs. */
  readonly shards: Map<number, Hear>
  /** True once it has reached `execute`. */
  hasRun: boolean
}

export function memberThreads(options: MemberThreadsOptions): MemberThreads {
  const { clock, ask } = options
  const lanes = new Set<Lane>()
  let count = 0

  function open(): Lane {
    const { job, execution, program } = options
    const thread = startMemberThread({ job, execution, program, name: `${job}/thread-${count++}` })
    const lane: Lane = { thread, shards: new Map(), hasRun: false }
    lanes.add(lane)
    thread.death.then(() => lanes.delete(lane))
    thread.port.on('message', (report: MemberReport) => {
      if (report.type === 'running') lane.hasRun = true
      else if (report.type === 'ask') ask(report.what)
      else lane.shards.get(report.shard)?.(report)
    })
    return lane
  }

  /** The thread with the fewest shards; a new one for one that has died. */
  function take(): Lane {
    const [idlest] = [...lanes].sort((a, b) => a.shards.size - b.shards.size)
    return idlest === undefined || lanes.size < options.threads ? open() : idlest
  }

  const start: StartShard = (shard, plan, opened) =>
    runInThread({ shard, plan, opened, take, clock, delayAfter: options.restart(Math.random) })

  // Each runs the program up to its `execute` meanwhile.
  for (let thread = 0; thread < options.threads; thread++) open()

  return {
    start,
    silences: () =>
      new Map([...lanes].flatMap(({ thread, shards }) => [...shards.keys()].map((shard) => [shard, thread.silence()]))),
    async close() {
      const all = [...lanes]
      lanes.clear()
      await Promise.all(all.map(({ thread }) => thread.close()))
    },
  }
}

interface RunInThread {
  readonly shard: number
  readonly plan: Plan
  readonly opened: () => void
  readonly take: () => Lane
  readonly clock: Clock
  readonly delayAfter: ReturnType<RestartStrategy>
}

function runInThread({ shard, plan, opened, take, clock, delayAfter }: RunInThread): ShardRun {
  const events = new Subject<JobEvent>()
  const stopping = new AbortController()
  const cancelling = new AbortController()
  const admission = deferred<Plan>()
  let last: CheckpointId = 0
  let releases: number | null = null

  function tell(event: JobEvent): void {
    if (event.type === 'checkpoint-committed' || event.type === 'restored') last = event.checkpoint
    events.next(event)
  }

  /** Rejects with the shard's failure. */
  async function life(): Promise<JobResult | Failure> {
    const end = deferred<JobResult | Failure>()
    const over = new AbortController()
    const lane = take()
    const say = (word: MemberWord): void => lane.thread.port.postMessage(word)
    lane.shards.set(shard, (report) => {
      switch (report.type) {
        case 'opened':
          opened()
          return void admission.promise.then((admitted) => over.signal.aborted || say({ go: shard, plan: admitted }))
        case 'event':
          return tell(unpackEvent(report.event))
        case 'ended':
          return end.resolve(report.result)
        case 'failed':
          return end.reject(toRxweftError(unpackError(report.error), unnamed).at({ shard }))
      }
    })
    lane.thread.death.then((how) => end.resolve({ error: died(how, shard, lane.hasRun) }))
    say({ run: shard, plan })
    onAbort(
      stopping.signal,
      () => say(releases === null ? { stop: shard } : { release: shard, plan: releases }),
      over.signal,
    )
    onAbort(cancelling.signal, () => say({ cancel: shard }), over.signal)
    const cancelled: JobResult = { outcome: 'cancelled', checkpoint: last }
    onAbort(cancelling.signal, () => sleep(clock, grace, over.signal).then(() => end.resolve(cancelled)), over.signal)
    try {
      return await end.promise
    } finally {
      over.abort()
      lane.shards.delete(shard)
    }
  }

  /** A program that did not reach its `execute` would not reach it next time either. */
  const afterDeath: Restarting['delayAfter'] = ({ code, consequence }, failure) =>
    consequence === 'retriable' && code === 'SHARD_DIED' ? delayAfter(failure) : null

  const signals = { stopping: stopping.signal, cancelling: cancelling.signal }
  const done = restarting({ clock, ...signals, last: () => last, tell, delayAfter: afterDeath }, life).finally(() =>
    events.complete(),
  )
  return {
    done,
    events$: events.asObservable(),
    go: admission.resolve,
    release(number) {
      releases = number
      stopping.abort()
    },
    stop() {
      stopping.abort()
      return done
    },
    cancel() {
      cancelling.abort()
      return done
    },
  }
}

function unnamed(cause: Error): FatalError {
  return new FatalError('UNEXPECTED', cause.message, { cause })
}
