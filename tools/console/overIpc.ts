/**
 * The page of a job that runs in a child process: the child sends what happens, and is asked for
 * what it measures. So the page outlives a child that is killed, and shows it.
 */
import type { ChildProcess } from 'node:child_process'
import type { Job, JobHandle } from 'rxweft'
import { type Measure, type Subject, subjectOf, type WatchedEvent } from '../../src/console/subject.ts'
import type { Reason } from '../../src/console/view.ts'
import { jobGraph } from '../../src/job/graph/jobGraph.ts'
import type { JobHealth } from '../../src/job/health.ts'

interface Measured {
  readonly health: JobHealth
  readonly metrics: readonly Measure[]
}

type FromChild =
  | { readonly event: WatchedEvent; readonly health: JobHealth }
  | ({ readonly answers: number } & Measured)

/** In the child: tells the parent everything of a job, if it listens. */
export function tellParent(job: JobHandle): void {
  const { watch, health, metrics } = subjectOf(job)
  const send = (message: FromChild): void => void process.send?.(message, () => undefined)
  watch((event) => send({ event, health: health() }))
  process.on('message', async (answers: number) => send({ answers, health: health(), metrics: await metrics() }))
  // Listening keeps no process alive.
  process.channel?.unref()
}

export interface Relay {
  readonly subject: Subject
  /** A new process of the job. */
  follow(child: ChildProcess): void
  /** It has ended, although the job has not. */
  ended(reason: Reason): void
}

/** In the parent. */
export function relay(job: Job): Relay {
  const listeners = new Set<(event: WatchedEvent) => void>()
  const waiting = new Map<number, (measured: Measured) => void>()
  let child: ChildProcess | null = null
  let health = gone
  let asked = 0

  function tell(event: WatchedEvent): void {
    for (const listener of listeners) listener(event)
  }

  function leave(): void {
    child = null
    health = gone
    for (const answer of waiting.values()) answer({ health, metrics: [] })
    waiting.clear()
  }

  return {
    subject: {
      name: job.name,
      graph: jobGraph(job),
      watch(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      health: () => health,
      async metrics() {
        const answering = child
        if (answering === null) return []
        asked += 1
        const answer = new Promise<Measured>((resolve) => waiting.set(asked, resolve))
        // A child that has just been killed is noticed by its exit.
        answering.send(asked, () => undefined)
        return (await answer).metrics
      },
    },
    follow(started) {
      child = started
      health = { ready: false, live: true, reasons: ['its process starts'] }
      started.on('message', (message: FromChild) => {
        if (child !== started) return
        health = message.health
        if ('event' in message) return tell(message.event)
        waiting.get(message.answers)?.(message)
        waiting.delete(message.answers)
      })
      started.once('exit', () => child === started && leave())
    },
    ended(reason) {
      leave()
      tell({ type: 'process-ended', error: reason })
    },
  }
}

const gone: JobHealth = { ready: false, live: false, reasons: ['its process has ended'] }
