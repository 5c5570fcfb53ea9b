/**
 * Calls an asynchronous function for a record, with a timeout and retries on the attempt's clock,
 * so that tests need no real time.
 */
import type { Clock } from '../../attempt.ts'
import { checkedDelay } from '../../checkedDelay.ts'
import { abortController, deadline, sleep } from '../../clock.ts'
import { deferred } from '../../deferred.ts'
import { RetriableError, type RxweftError, toRxweftError } from '../../errors.ts'
import type { StreamRecord } from '../../record.ts'
import { whereOf } from './failedIn.ts'

export interface CallContext<T> {
  readonly record: StreamRecord<T>
  /** Aborted when the call has timed out, and when the attempt ends. */
  readonly signal: AbortSignal
}

export type AsyncFunction<T, R> = (value: T, context: CallContext<T>) => Promise<R>

/** Repetition of failed calls of `asyncMap`. */
export interface Retry {
  /** Number of calls for each record, the first one included. */
  readonly attempts: number
  /** Pause after the call with this number, from 1, has failed; ms. */
  readonly delay: (attempt: number) => number
}

export interface AsyncCalls<T, R> {
  /** Rejects with an RxweftError: f's own, else Retriable ASYNC_MAP_FAILED or ASYNC_MAP_TIMEOUT. */
  call(record: StreamRecord<T>): Promise<R>
  /** Aborts every signal and stops every timer. */
  cancel(): void
}

export function asyncCalls<T, R>(
  f: AsyncFunction<T, R>,
  timeout: number | undefined,
  retry: Retry | undefined,
  clock: Clock,
): AsyncCalls<T, R> {
  const attempts = retry?.attempts ?? 1
  const whole = abortController()
  const underway = new Set<() => void>()

  const within = async (limit: number, record: StreamRecord<T>): Promise<R> => {
    const late = deferred<never>()
    const call = new AbortController()
    const inTime = deadline(clock, limit, () => {
      late.reject(timedOut(limit, record))
      call.abort()
    })
    const cancel = (): void => {
      inTime()
      call.abort()
    }
    underway.add(cancel)
    try {
      return await Promise.race([f(record.value, { record, signal: call.signal }), late.promise])
    } finally {
      inTime()
      underway.delete(cancel)
    }
  }

  const once = (record: StreamRecord<T>): Promise<R> =>
    timeout === undefined ? f(record.value, { record, signal: whole.signal }) : within(timeout, record)

  const tryAll = async (record: StreamRecord<T>): Promise<R> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(record)
      } catch (thrown) {
        const failure = explained(thrown, record)
        if (attempt >= attempts || failure.consequence !== 'retriable') throw failure
        const delay = retry?.delay(attempt)
        const pause = checkedDelay(delay, '`retry.delay` of asyncMap', whereOf('asyncMap', record), failure)
        await sleep(clock, pause, whole.signal)
        if (whole.signal.aborted) throw failure
      }
    }
  }

  return {
    // A retry delay that throws is caught here.
    call: (record) => tryAll(record).catch((thrown) => Promise.reject(explained(thrown, record))),
    cancel() {
      whole.abort()
      for (const cancel of underway) cancel()
    },
  }
}

function timedOut(limit: number, record: StreamRecord<unknown>): RetriableError {
  return new RetriableError('ASYNC_MAP_TIMEOUT', `asyncMap's function did not settle within ${limit} ms`, {
    where: whereOf('asyncMap', record),
    hint: "Raise asyncMap's `timeout`, or give it a `retry`",
    badRecord: true,
  })
}

function explained(thrown: unknown, record: StreamRecord<unknown>): RxweftError {
  return toRxweftError(
    thrown,
    (cause) =>
      new RetriableError('ASYNC_MAP_FAILED', `asyncMap's function failed with ${cause.name}: ${cause.message}`, {
        where: whereOf('asyncMap', record),
        hint: 'The restart strategy decides about the next attempt. Set `retry` of asyncMap for failures that pass, and handle other failures in the function',
        cause,
        badRecord: true,
      }),
  )
}
