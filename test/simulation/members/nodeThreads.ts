/**
 * Threads of a simulated process, each with some of its shards. They live and die with the process, and one alone can hang, as where a
 * function of the job loops for ever: the process beats on meanwhile.
 */
import { Subject } from 'rxjs'
import { deferred } from '../../../src/deferred.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import type { JobResult } from '../../../src/job/jobHandle.ts'
import type { ShardRun, StartShard } from '../../../src/job/members/shardRun.ts'
import { laneFor } from '../../../src/job/shards/main/laneFor.ts'
import { grace } from '../../../src/job/shards/worker/thread.ts'
import type { Process } from '../core/process.ts'
import type { Rxweft } from '../core/rxweft.ts'

export interface NodeThread {
  readonly process: Process
  readonly start: StartShard
}

export interface NodeThreads {
  readonly start: StartShard
  silences(): ReadonlyMap<number, number>
  /** Ends the shard as an error of the job's code does. False if it does not run here. */
  fail(shard: number, error: Error): boolean
  /** Hangs the thread of a shard that runs here, if there is one, and answers its shards. */
  hang(): readonly number[]
  /** Whether a thread hangs, and whether all do. */
  readonly hangs: boolean
  readonly allHang: boolean
  /** Goes on with what hangs. */
  release(): void
  kill(): void
  pause(): void
  /** All but what hangs. */
  wake(): void
}

interface Lane extends NodeThread {
  readonly shards: Map<number, (error: Error) => void>
  /** Since when it hangs, ms; null: it does not. */
  hangs: number | null
}

/** @param main receives what the threads say */
export function nodeThreads(rxweft: Rxweft, main: Process, threads: readonly NodeThread[]): NodeThreads {
  const { hangWatch, shardHangs } = rxweft['job/shards/main/hangWatch']
  const lanes = threads.map((thread): Lane => ({ ...thread, shards: new Map(), hangs: null }))
  const silence = ({ hangs }: Lane): number => (hangs === null ? 0 : main.clock.monotonic() - hangs)

  function start(...[shard, plan, reached]: Parameters<StartShard>): ShardRun {
    const lane = laneFor(lanes, silence) as Lane
    const over = new AbortController()
    const events = new Subject<JobEvent>()
    const end = deferred<JobResult>()
    let run: ShardRun | null = null
    const ended = (act: () => void): void => {
      if (lane.shards.get(shard) === failed) lane.shards.delete(shard)
      over.abort()
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
    let isWatched = false
    const watch = (): void => {
      if (isWatched) return
      isWatched = true
      const hangs = (duration: number): void => ended(() => end.reject(shardHangs(shard, duration)))
      void hangWatch(main.clock, () => silence(lane), hangs, over.signal)
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
      release(number) {
        inside(({ release }) => release(number))
        watch()
      },
      async stop() {
        watch()
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
    silences: () => new Map(lanes.flatMap((lane) => [...lane.shards.keys()].map((shard) => [shard, silence(lane)]))),
    fail(shard, error) {
      const failed = lanes.find(({ shards }) => shards.has(shard))?.shards.get(shard)
      failed?.(error)
      return failed !== undefined
    },
    hang() {
      const lane = lanes.find(({ shards, hangs }) => shards.size > 0 && hangs === null)
      if (lane === undefined) return []
      lane.hangs = main.clock.monotonic()
      lane.process.pause()
      return [...lane.shards.keys()]
    },
    get hangs() {
      return lanes.some((lane) => lane.hangs !== null)
    },
    get allHang() {
      return lanes.every((lane) => lane.hangs !== null)
    },
    release() {
      for (const lane of lanes) {
        lane.hangs = null
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
      for (const { process, hangs } of lanes) if (hangs === null) process.wake()
    },
  }
}
