/**
 * Metrics of a worker thread, asked for by the main thread over a port of their own. A thread that
 * does not answer keeps what it has answered last, and shows by its silence.
 */
import type { MessagePort } from 'node:worker_threads'
import { gather } from '../../metrics/gather.ts'
import type { Metric } from '../../metrics/metric.ts'
import { addThread } from '../../metrics/threadMetrics.ts'

/** How long an answer may take, ms. */
const patience = 1_000

/** In the main thread. */
export interface ThreadMetrics {
  read(): Promise<readonly Metric[]>
}

/** @param closed aborted when the thread has ended: it has no metrics then */
export function askMetrics(port: MessagePort, closed: AbortSignal): ThreadMetrics {
  let last: readonly Metric[] = []
  let asking: Promise<void> | null = null
  let answered = (): void => undefined
  port.on('message', (metrics: readonly Metric[]) => {
    last = metrics
    answered()
  })
  port.unref()
  closed.addEventListener('abort', () => port.close(), { once: true })

  function ask(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience)
      answered = () => {
        clearTimeout(timer)
        resolve()
      }
      port.postMessage('metrics')
    })
  }

  return {
    async read() {
      if (closed.aborted) return []
      asking ??= ask().finally(() => {
        asking = null
      })
      await asking
      return closed.aborted ? [] : last
    },
  }
}

/**
 * In the thread: answers each question.
 *
 * @param read metrics of the shards that run here
 */
export function answerMetrics(port: MessagePort, job: string, thread: string, read: () => readonly Metric[]): void {
  port.on('message', () => {
    const here = gather({ job })
    addThread(here.add, thread)
    port.postMessage([...here.all, ...read()])
  })
  port.unref()
}
