/**
 * Shards of a member over its threads: each thread runs several of them, and a new shard goes to
 * the thread with the fewest. A thread that dies is replaced, and its shards begin anew in others,
 * after their own restart strategy.
 */
import type { Clock } from '../../../attempt.ts'
import type { Plan } from '../../../contracts/plan.ts'
import { deferred } from '../../../deferred.ts'
import type { Metric } from '../../../metrics/metric.ts'
import type { ShardRun, ShardStep, StartShard } from '../../members/shardRun.ts'
import type { RestartStrategy } from '../../restart.ts'
import type { Admission } from '../../takeOver.ts'
import type { MemberReport, MemberWord } from '../memberMessages.ts'
import type { Order } from '../messages.ts'
import { startMemberThread, type Thread } from '../worker/thread.ts'
import { laneFor } from './laneFor.ts'
import { type ThreadRunOptions, threadRun } from './threadRun.ts'

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
  /** Metrics of all threads and their shards. */
  metrics(): Promise<readonly Metric[]>
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
    const thread = startMemberThread({ job, execution, program, name: `thread-${count++}` })
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

  /** The thread for another shard; a new one for one that has died. */
  function take(): Lane {
    const best = laneFor(lanes, ({ thread }) => thread.silence())
    return best === undefined || lanes.size < options.threads ? open() : best
  }

  const start: StartShard = (shard, plan, reached) =>
    runInThread({ shard, plan, reached, take, clock, delayAfter: options.restart(Math.random) })

  // Each runs the program up to its `execute` meanwhile.
  for (let thread = 0; thread < options.threads; thread++) open()

  return {
    start,
    silences: () =>
      new Map([...lanes].flatMap(({ thread, shards }) => [...shards.keys()].map((shard) => [shard, thread.silence()]))),
    metrics: async () => (await Promise.all([...lanes].map(({ thread }) => thread.metrics()))).flat(),
    async close() {
      const all = [...lanes]
      lanes.clear()
      await Promise.all(all.map(({ thread }) => thread.close()))
    },
  }
}

interface RunInThread extends Omit<ThreadRunOptions, 'begin'> {
  readonly plan: Plan
  readonly reached: (step: ShardStep) => void
  readonly take: () => Lane
}

function runInThread({ plan, reached, take, ...options }: RunInThread): ShardRun {
  const { shard } = options
  const admission = deferred<Admission>()
  let releases: number | null = null

  const run = threadRun({
    ...options,
    begin(reports) {
      const lane = take()
      const { port, death } = lane.thread
      const say = (word: MemberWord): void => port.postMessage(word)
      const hear: Hear = (report) => {
        switch (report.type) {
          case 'reached':
            reached(report.step)
            if (report.step !== 'opened') return
            return void admission.promise.then((given) => isHeard() && say({ go: shard, admission: given }))
          case 'event':
            return reports.event(report.event)
          case 'ended':
            return reports.ended(report.result)
          case 'failed':
            return reports.failed(report.error)
        }
      }
      const isHeard = (): boolean => lane.shards.get(shard) === hear
      const stop = (): MemberWord => (releases === null ? { stop: shard } : { release: shard, plan: releases })
      lane.shards.set(shard, hear)
      say({ run: shard, plan })
      return {
        death,
        hasRun: () => lane.hasRun,
        silence: () => lane.thread.silence(),
        end: (how) => say(how === 'stop' ? stop() : { cancel: shard }),
        close: () => void lane.shards.delete(shard),
      }
    },
  })
  return {
    ...run,
    go: admission.resolve,
    release(number) {
      releases = number
      run.stop().catch(() => undefined)
    },
  }
}
