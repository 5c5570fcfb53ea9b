import type { Observer } from 'rxjs'
import type { Stage } from '../backPressure.ts'
import type { Barrier, Idle, StreamElement, Watermark } from '../element.ts'
import {
  aBoolean,
  aFunction,
  anObject,
  longestDelay,
  onErrorRule,
  required,
  rule,
  timerDelay,
  wholeNumber,
} from '../optionRules.ts'
import { checkOptions, type OptionRules, optionProblems } from '../options.ts'
import { type CheckpointId, type StreamRecord, withValue } from '../record.ts'
import type { StreamOperator } from '../stream.ts'
import { type AsyncCalls, type AsyncFunction, asyncCalls, type Retry } from './engine/asyncCalls.ts'
import { fifo } from './engine/fifo.ts'
import { type Here, restored } from './engine/here.ts'
import { operate, type Step } from './engine/operate.ts'
import type { OperatorOptions } from './engine/operatorOptions.ts'
import { releaseInOrder, type Segment } from './engine/releaseInOrder.ts'

/** Options of `asyncMap`. */
export interface AsyncMapOptions extends OperatorOptions {
  /** Number of calls in progress at once. Default 16. */
  readonly concurrency?: number
  /**
   * Whether results leave in the order of the records; if false, as they come, but never past a
   * barrier or watermark. Default true.
   */
  readonly ordered?: boolean
  /** Limit for each call, ms; a call that takes longer fails. Default: no limit. */
  readonly timeout?: number
  /**
   * Repetition of failed calls. Fatal, Fenced and Corrupted errors are never repeated. Default: one
   * attempt per record.
   */
  readonly retry?: Retry
}

/** Record that waits for its call, or whose call is in progress. */
interface Taken<T, R> {
  readonly record: StreamRecord<T>
  readonly segment: Segment<StreamElement<R>>
  /** Checkpoint of the record: later barriers may have come by the time the call fails. */
  readonly checkpoint: CheckpointId
}

/**
 * Maps each record by an asynchronous function, with a limit on concurrent calls.
 *
 *     R-a-b-1-c---------|
 *     asyncMap(upper)         a takes 5 ms, b and c 1 ms
 *     R------(AB1C)-----|     records before a barrier leave before it
 *
 * Records after a barrier may start while it waits. The source waits if the function is too slow.
 * Effects of the function are not a part of a checkpoint: after a restart it is called again for
 * records that are read again. Its `signal` is aborted when the attempt ends or the call times out.
 *
 * `onError` applies when retries are used up. An outage fails every record: keep 'fail' for it, so
 * that the restart strategy waits.
 *
 * @throws ASYNC_MAP_FAILED (Retriable) if `f` rejects; an RxweftError keeps its own consequence
 * @throws ASYNC_MAP_TIMEOUT (Retriable) if a call takes too long
 */
// biome-ignore lint/suspicious/noExplicitAny: of unknown results, the next operator would complain if `options` are wrong
export function asyncMap<T, R = any, K = unknown>(
  f: AsyncFunction<T, R>,
  options: AsyncMapOptions = {},
): StreamOperator<T, R, K> {
  const { concurrency = 16, ordered = true, timeout, retry, onError } = checked(options)

  const start = (out: Observer<StreamElement<R>>, here: Here): Step<T> => {
    const waiting = fifo<Taken<T, R>>()
    let stage: Stage | undefined
    let calls: AsyncCalls<T, R> | undefined
    let running = 0
    /** Records that are here, and of those the ones that are not ready. */
    let held = 0
    let pending = 0
    let completed = false
    /** Callbacks for barriers that leave, by checkpoint. */
    const leaving = new Map<CheckpointId, () => void>()

    const watch = ({ checkpoint }: Barrier): void => {
      if (pending === 0) return
      const left = here.services.barriers.hold('asyncMap', checkpoint, () => {
        return `${running} calls of ${f.name || 'its function'} are under way, and ${waiting.length} records wait for one`
      })
      leaving.set(checkpoint, () => {
        leaving.delete(checkpoint)
        left()
      })
    }

    const results = releaseInOrder<StreamElement<R>>(ordered, (element) => {
      if (!calls) return
      if (element.kind === 'record') held -= 1
      out.next(element)
      if (element.kind === 'record') here.services.credits.release()
      else if (element.kind === 'barrier') leaving.get(element.checkpoint)?.()
    })

    const callMore = (): void => {
      while (running < concurrency && waiting.head) {
        const taken = waiting.head
        waiting.shift()
        running += 1
        restored('asyncMap', calls)
          .call(taken.record)
          .then(
            (value) => done(taken, value),
            (error) => failed(taken, error),
          )
      }
    }

    const completeIfDone = (): void => {
      if (completed && results.empty) out.complete()
    }

    const follow = (control: Barrier | Watermark | Idle): void => {
      results.follow(control)
      completeIfDone()
    }

    /** Called after the result has left, so that waiting records see the actual room. */
    const settled = (): void => {
      pending -= 1
      stage?.give()
    }

    const done = ({ record, segment }: Taken<T, R>, value: R): void => {
      running -= 1
      results.settle(segment, withValue(record, value))
      settled()
      callMore()
      completeIfDone()
    }

    const isOver = (): boolean => calls === undefined

    const failed = ({ record, segment, checkpoint }: Taken<T, R>, error: unknown): void => {
      // The attempt is over: that is what the call has failed of.
      if (isOver()) return
      here.refuse(record, error, checkpoint)
      if (isOver()) return
      running -= 1
      held -= 1
      here.services.credits.release()
      results.leave(segment)
      settled()
      callMore()
      completeIfDone()
    }

    return {
      restore(restore) {
        stage = here.services.credits.stage(concurrency, here.meter)
        calls = asyncCalls(f, timeout, retry, here.services.clock)
        out.next(restore)
      },
      record(record) {
        here.services.credits.hold()
        stage?.take()
        held += 1
        pending += 1
        waiting.push({ record, segment: results.reserve(), checkpoint: here.checkpoint })
        callMore()
      },
      watermark: follow,
      idle: follow,
      barrier(barrier) {
        watch(barrier)
        follow(barrier)
      },
      complete() {
        completed = true
        completeIfDone()
      },
      teardown() {
        waiting.clear()
        calls?.cancel()
        calls = undefined
        if (pending > 0) stage?.give(pending)
        if (held > 0) here.services.credits.release(held)
        held = pending = 0
      },
    }
  }
  return operate('asyncMap', start, onError) as StreamOperator<T, R, K>
}

const rules: OptionRules<AsyncMapOptions> = {
  concurrency: wholeNumber(1),
  ordered: aBoolean,
  timeout: rule(`a number of ms above 0, at most ${longestDelay}`, (value) => timerDelay.is(value) && value !== 0),
  retry: anObject,
  onError: onErrorRule,
}

const retryRules: OptionRules<Retry> = { attempts: required(wholeNumber(1)), delay: required(aFunction) }

function checked(options: AsyncMapOptions): AsyncMapOptions {
  const retry = (options as AsyncMapOptions | null)?.retry
  checkOptions('asyncMap', options, rules, {
    where: { operator: 'asyncMap' },
    problems: anObject.is(retry) ? optionProblems(retry as Retry, retryRules, 'retry.') : [],
  })
  return options
}
