/**
 * Threads of a simulated process, each with some of its shards. They live and die with the process, and one alone can hang, as where a
 * function of the job loops for ever: the process beats on meanwhile.
 */
import { Subject } from 'rxjs'
import { deferred } from '../../../src/deferred.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import type { JobResult } from '../../../src/job/jobHandle.ts'
import type { ShardRun, StartShard } from '../../../src/job/members/shardRun.ts'
import { grace } from '../../../src/job/shards/worker/thread.ts'
import type { Process } from '../core/process.ts'

export interface NodeThread {
  readonly process: Process
  readonly start: StartShard
}

export interface NodeThreads {
  readonly start: StartShard
  /** Ends the shard as an error of the job's code does. False if it does not run here. */
  fail(shard: number, error: Error): boolean
  /** Hangs the thread of a shard that runs here, if there is one, and answers its shards. */
  hang(): readonly number[]
  /** Whether a thread hangs. */
  readonly hangs: boolean
  /** Goes on with what hangs. */
  release(): void
  kill(): void
  pause(): void
  /** All but what hangs. */
  wake(): void
}

interface Lane extends NodeThread {
  readonly shards: Map<number, (error: Error) => void>
  hangs: boolean
}

/** @param main receives what the threads say */
export function nodeThreads(main: Process, threads: readonly NodeThread[]): NodeThreads {
  const lanes = threads.map((thread): Lane => ({ ...thread, shards: new Map(), hangs: false }))

  function start(...[shard, plan, reached]: Parameters<StartShard>): ShardRun {
    const lane = lanes.reduce((least, one) => (one.shards.size < least.shards.size ? one : least))
    const events = new Subject<JobEvent>()
    const end = deferred<JobResult>()
    let run: ShardRun | null = null
    const ended = (act: () => void): void => {
      if (lane.shards.get(shard) === failed) lane.shards.delete(shard)
      act()
      events.complete()
    }
    const cancelled = () => ended(() => end.resolve({ outcome: 'cancelled', checkpoint: 0 }))
    const inside = (act: (run: ShardRun) => unknown): void => {
      lane.process.receive(() => void (run === null ? undefined : act(run)))
    }
    function failed(error: Error): void {
      inside(({ cancel }) => cancel().catch(() => undefined))
      ended(() => end.reject(error))
    }
    lane.shards.set(shard, failed)
    lane.process.receive(() => {
      run = lane.start(shard, plan, (step) => main.receive(() => reached(step)))
      run.events$.subscribe((event) => main.receive(() => events.next(event)))
      run.done.then(
        (result) => main.receive(() => ended(() => end.resolve(result))),
        (thrown) => main.receive(() => ended(() => end.reject(thrown))),
      )
    })
    end.promise.catch(() => undefined)
    return {
      events$: events.asObservable(),
      done: end.promise,
      go: (given) => inside(({ go }) => go(given)),
      release: (number) => inside(({ release }) => release(number)),
      async stop() {
        inside(({ stop }) => stop().catch(() => undefined))
      },
      async cancel() {
        inside(({ cancel }) => cancel().catch(() => undefined))
        main.clock.setTimeout(cancelled, grace)
      },
    }
  }

  return {
    start,
    fail(shard, error) {
      const failed = lanes.find(({ shards }) => shards.has(shard))?.shards.get(shard)
      failed?.(error)
      return failed !== undefined
    },
    hang() {
      const lane = lanes.find(({ shards, hangs }) => shards.size > 0 && !hangs)
      if (lane === undefined) return []
      lane.hangs = true
      lane.process.pause()
      return [...lane.shards.keys()]
    },
    get hangs() {
      return lanes.some((lane) => lane.hangs)
    },
    release() {
      for (const lane of lanes) {
        lane.hangs = false
        if (main.state === 'running') lane.process.wake()
      }
    },
    kill() {
      for (const { process } of lanes) process.kill()
    },
    pause() {
      for (const { process } of lanes) process.pause()
    },
    wake() {
      for (const { process, hangs } of lanes) if (!hangs) process.wake()
    },
  }
}
