/**
 * Another value for each record, by a function that takes time. Records of before a barrier leave before it; those after it may
 * start meanwhile.
 *
 *   R-a-b-1-c---------|
 *   asyncMap(upper)         a takes 5 ms, b and c 1 ms
 *   R------(AB1C)-----|
 *
 * Each record holds a credit from its arrival to its departure, so the source waits when the function is too slow.
 * Effects of the function are no part of a checkpoint: after a restart it is called again for records that are read again.
 */

import type { Observer } from 'rxjs'
import type { Services } from '../attempt.ts'
import type { Stage } from '../backPressure.ts'
import type { Barrier, Idle, StreamElement, Watermark } from '../element.ts'
import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'
import { type CheckpointId, type StreamRecord, withValue } from '../record.ts'
import { type AsyncCalls, type AsyncFunction, asyncCalls, type Retry } from './engine/asyncCalls.ts'
import { fifo } from './engine/fifo.ts'
import { type ElementOperator, operate, restored, type Step } from './engine/operate.ts'
import { type OperatorOptions, type Refusal, refusal } from './engine/refusal.ts'
import { releaseInOrder, type Segment } from './engine/releaseInOrder.ts'

export interface AsyncMapOptions extends OperatorOptions {
  /** Calls under way at once; default 16. */
  readonly concurrency?: number
  /** true (default): results leave in the order of the records. false: as they come, but never past a barrier or watermark. */
  readonly ordered?: boolean
  /** ms for each call; without it there is no limit. A call that is too late has failed. */
  readonly timeout?: number
  /** Without it each record is tried once. Errors that are Fatal, Fenced or Corrupted are never tried again. */
  readonly retry?: Retry
}

/** A record that is waiting or being called for. */
interface Taken<T, R> {
  readonly record: StreamRecord<T>
  readonly segment: Segment<StreamElement<R>>
  /** By the time the call fails, later barriers may have come. */
  readonly checkpoint: CheckpointId
}

/**
 * Errors: whatever RxweftError `f` rejects with; for all others Retriable ASYNC_MAP_FAILED, or ASYNC_MAP_TIMEOUT, once the retries
 * are used up. The signal is aborted when the attempt ends or the call is too late. `onError` decides about these two; what fails because
 * something else is down fails for every record, so set 'fail' there, and the restart strategy waits.
 */
export function asyncMap<T, R, K = unknown>(
  f: AsyncFunction<T, R>,
  options: AsyncMapOptions = {},
): ElementOperator<T, R, K> {
  const { concurrency = 16, ordered = true, timeout, retry, onError } = checked(options)

  const start = (out: Observer<StreamElement<R>>): Step<T> => {
    const waiting = fifo<Taken<T, R>>()
    let refused: Refusal | undefined
    let services: Services | undefined
    let stage: Stage | undefined
    let calls: AsyncCalls<T, R> | undefined
    let running = 0
    /** Records that are here, and of those the ones that are not ready. */
    let held = 0
    let pending = 0
    let completed = false
    /** To be called when the barrier of this checkpoint leaves. */
    const leaving = new Map<CheckpointId, () => void>()

    const watch = ({ checkpoint }: Barrier): void => {
      if (pending === 0) return
      const left = services?.barriers.hold('asyncMap', checkpoint, () => {
        return `${running} calls of ${f.name || 'its function'} are under way, and ${waiting.length} records wait for one`
      })
      leaving.set(checkpoint, () => {
        leaving.delete(checkpoint)
        left?.()
      })
    }

    const results = releaseInOrder<StreamElement<R>>(ordered, (element) => {
      if (!calls) return
      if (element.kind === 'record') held -= 1
      out.next(element)
      if (element.kind === 'record') services?.credits.release()
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

    /** After its result has left: whoever comes next must find the room that there is then. */
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

    const failed = ({ record, segment, checkpoint }: Taken<T, R>, error: unknown): void => {
      // The attempt is over: that is what the call has failed of.
      if (!calls) return
      const end = restored('asyncMap', refused).end(record, error, checkpoint)
      if (end !== null) return out.error(end)
      running -= 1
      held -= 1
      services?.credits.release()
      results.leave(segment)
      settled()
      callMore()
      completeIfDone()
    }

    return {
      restore(restore) {
        services = restore.services
        stage = services.credits.stage(concurrency)
        refused = refusal('asyncMap', onError, restore)
        calls = asyncCalls(f, timeout, retry, services.clock)
        out.next(restore)
      },
      record(record) {
        restored('asyncMap', services).credits.hold()
        stage?.take()
        held += 1
        pending += 1
        const { checkpoint } = restored('asyncMap', refused)
        waiting.push({ record, segment: results.reserve(), checkpoint })
        callMore()
      },
      watermark: follow,
      idle: follow,
      barrier(barrier) {
        if (refused) refused.checkpoint = barrier.checkpoint + 1
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
        if (held > 0) services?.credits.release(held)
        held = pending = 0
      },
    }
  }
  return operate('asyncMap', start, onError) as ElementOperator<T, R, K>
}

function checked(options: AsyncMapOptions): AsyncMapOptions {
  const names = { concurrency: true, ordered: true, timeout: true, retry: true, onError: true } as const
  checkOptionNames('asyncMap', options, names)
  checkOptionNames('asyncMap.retry', options.retry ?? {}, { attempts: true, delay: true })
  const { concurrency = 1, timeout = 1, retry } = options
  if (!(Number.isInteger(concurrency) && concurrency >= 1))
    throw bad('concurrency', concurrency, 'a whole number from 1')
  if (!(timeout > 0)) throw bad('timeout', timeout, 'above 0 ms')
  const attempts = retry?.attempts ?? 1
  if (!(Number.isInteger(attempts) && attempts >= 1)) throw bad('retry.attempts', attempts, 'a whole number from 1')
  return options
}

function bad(option: string, value: unknown, must: string): FatalError {
  return new FatalError('BAD_OPTION', `asyncMap's ${option} is ${value}`, {
    where: { operator: 'asyncMap' },
    hint: `Make it ${must}`,
  })
}
