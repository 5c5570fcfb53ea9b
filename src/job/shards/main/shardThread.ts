/**
 * One shard in a worker thread of its own, which runs the program again (its inside is
 * shardWorker.ts) and is replaced by another one if it dies.
 */
import type { Plan } from '../../../contracts/plan.ts'
import type { RunningJob } from '../../jobHandle.ts'
import type { Order, Report, Word } from '../messages.ts'
import type { Thread } from '../worker/thread.ts'
import { type ThreadRunOptions, threadRun } from './threadRun.ts'

export interface ShardThreadOptions extends Omit<ThreadRunOptions, 'begin'> {
  readonly plan: Plan
  /** A new thread, or a warmed one. */
  readonly thread: () => Thread
  /** Called when the program asks to end the whole job. */
  readonly ask: (what: Order) => void
}

export function shardThread({ plan, thread, ask, ...options }: ShardThreadOptions): RunningJob {
  /** True if some thread of this shard has reached `execute`. */
  let hasRun = false

  return threadRun({
    ...options,
    begin(reports) {
      const { port, death, silence, close } = thread()
      const say = (word: Word): void => port.postMessage(word)
      const hear: { readonly [T in Report['type']]: (report: Extract<Report, { type: T }>) => void } = {
        running: () => {
          hasRun = true
        },
        event: ({ event }) => reports.event(event),
        ask: ({ what }) => ask(what),
        ended: ({ result }) => reports.ended(result),
        failed: ({ error }) => reports.failed(error),
      }
      port.on('message', (report: Report) => hear[report.type](report as never))
      say({ go: plan })
      return { death, silence, close, hasRun: () => hasRun, end: say }
    },
  })
}
