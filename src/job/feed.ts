/**
 * Feeds one source into the pipeline: turns what its reader finds into elements, and emits barriers at the right place.
 *
 *   loop:  wait for credits -> poll -> drain (a whole batch, synchronously) -> everybody else's turn -> loop
 *
 * Everything is emitted synchronously and the thread is one, so a barrier falls between two batches, exactly where the reader's
 * position is, and a source that waits for credits or for data does not delay it.
 */
import { Observable, type Subscriber } from 'rxjs'
import {
  barrier,
  type CheckpointId,
  type Restore,
  type Services,
  type StreamElement,
  streamRecord,
  watermark,
} from '../element.ts'
import type { Emit, Refuse, Source, SourceReader } from '../sources/source.ts'

export interface Feed {
  readonly source: Source<unknown>
  /** What `from` returns: hot within the attempt, so that a source that is used twice is read once. */
  readonly elements: Observable<StreamElement<unknown>>
  /** Whether any branch has subscribed to the elements. */
  readonly isUsed: () => boolean
  /** Emits Restore, then records until `stop`. Resolves at the end of a bounded source; rejects with what the reader rejects with. */
  run(reader: SourceReader<unknown>, restored: Restore): Promise<void>
  /** Emits barrier n with the reader's position. */
  barrier(checkpoint: CheckpointId): void
  /** No record after this. */
  stop(): void
  /** The elements end: after the final barrier. */
  complete(): void
}

/** A source that always has more would otherwise let no timer or socket have its turn, and so no checkpoint, stop or signal. */
const otherTurns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function feed(source: Source<unknown>): Feed {
  const subscribers: Subscriber<StreamElement<unknown>>[] = []
  const elements = new Observable<StreamElement<unknown>>((subscriber) => {
    subscribers.push(subscriber)
    return () => void subscribers.splice(subscribers.indexOf(subscriber), 1)
  })
  const next = (element: StreamElement<unknown>): void => {
    // By index: a loop over the array itself would cost an iterator per record.
    for (let i = 0; i < subscribers.length; i++) subscribers[i]?.next(element)
  }
  const emit: Emit<unknown> = (value, timestamp, key, headers, split, offset) =>
    next(streamRecord(value, timestamp, key, headers, split, offset))

  let reader: SourceReader<unknown> | undefined
  let stopped = false
  /** What the records belong to that are emitted now. */
  let checkpoint: CheckpointId = 0

  const refusing = ({ badRecords }: Services): Refuse => {
    const policy = badRecords.policy(source.id, source.onError)
    return (record, error) => {
      const end = badRecords.take({ record, operator: source.id, checkpoint, error }, policy)
      if (end !== null) throw end
    }
  }

  async function pump(from: SourceReader<unknown>, services: Services): Promise<void> {
    const refuse = refusing(services)
    while (!stopped) {
      await services.credits.below(source.maxInFlight)
      const found = stopped ? 'empty' : await from.poll()
      if (stopped) return
      if (found === 'end') return next(watermark(Infinity))
      if (found === 'empty') continue
      from.drain(emit, refuse)
      await otherTurns()
    }
  }

  return {
    source,
    elements,
    isUsed: () => subscribers.length > 0,
    run(from, restored) {
      reader = from
      checkpoint = restored.checkpoint + 1
      next(restored)
      return pump(from, restored.services)
    },
    barrier(passing) {
      checkpoint = passing + 1
      next(barrier(passing, [{ source: source.id, splits: reader?.position() ?? [] }]))
    },
    stop() {
      stopped = true
    },
    complete() {
      stopped = true
      for (const subscriber of [...subscribers]) subscriber.complete()
    },
  }
}
