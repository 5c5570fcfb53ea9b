import { Subscription } from 'rxjs'
import type { Committable } from '../sinks/sink.ts'
import type { BuiltPipeline } from './pipeline.ts'
import { pipelineEnded, unusedSource } from './wiringErrors.ts'

export interface OutputObserver {
  next(committable: Committable): void
  /** An output has failed, or has completed too early. Must end the attempt. */
  error(thrown: unknown): void
  /** Whether the final barrier has been emitted, so that outputs may complete. */
  isFinal(): boolean
}

export interface Attachment {
  /**
   * Subscribes to every output.
   *
   * @throws UNUSED_SOURCE
   */
  start(): void
  /** Stops feeds and outputs; allowed at any time, also while `start` runs. */
  stop(): void
}

/** Attaches a pipeline to its attempt, in a real run and in a job under test alike. */
export function attachment({ feeds, outputs }: BuiltPipeline, { next, error, isFinal }: OutputObserver): Attachment {
  const subscription = new Subscription()
  return {
    start() {
      for (const output of outputs) {
        const complete = (): void => {
          if (!isFinal()) error(pipelineEnded(output.sink.id))
        }
        subscription.add(output.subscribe({ next, error, complete }))
      }
      const unused = feeds.find((fed) => !fed.isUsed())
      if (unused !== undefined && !subscription.closed) throw unusedSource(unused.source.id)
    },
    stop() {
      for (const fed of feeds) fed.stop()
      subscription.unsubscribe()
    },
  }
}
