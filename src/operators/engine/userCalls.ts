/**
 * Calls user functions for records and timers, with state, timers and outputs bound to the key of
 * that record or timer, and emits their results. Using these at any other time, such as in a
 * promise, would affect another key, so it is an error.
 */

import { FatalError } from '../../errors.ts'
import { type Key, type OperatorId, type StreamRecord, withValue } from '../../record.ts'
import { openStates, type StateScope, type StateSpecs } from '../../state/stateSpec.ts'
import type { KeyedContext } from '../keyed/keyedStep.ts'
import { eventTime } from '../keyed/keyedValue.ts'
import { keyTimers } from '../keyed/keyTimers.ts'
import type { ElementContext, Outputs, Results, SideOutputs } from '../keyed/processContext.ts'
import type { SideReceiver } from '../sideOutput.ts'
import { derivedRecord } from './derivedRecord.ts'
import { notAsync } from './notAsync.ts'

/** A call in progress. */
export interface Call<K extends Key> {
  /** Undefined if the call has no key. */
  readonly key: K | undefined
  /** Event time, ms, for state that expires; -Infinity if unknown. */
  readonly time: number
  /** Undefined for a timer. */
  readonly record: StreamRecord<unknown> | undefined
  /** Timestamp of a timer's results, ms. */
  readonly timestamp: number
  /**
   * Highest event time so far, ms: a timer that fires at the end of the input may lie ahead of it.
   */
  readonly latest: number
}

export interface CallSpec<S, O> {
  readonly state?: S
  readonly outputs?: O
  readonly onEventTimer?: unknown
  readonly onProcessingTimer?: unknown
}

export interface Calls<T, K extends Key, R, S, O> {
  readonly scope: StateScope
  /** The call in progress. Throws Fatal OUTSIDE_OF_CALL if there is none. */
  readonly current: () => Call<K>
  /** Context passed to user functions. */
  readonly context: ElementContext<T, K, S, O>
  /** @param key undefined if the record has no key */
  record(record: StreamRecord<unknown>, key: K | undefined, work: () => Results<R>): void
  eventTimer(time: number, key: K, work: () => Results<R>): void
  processingTimer(time: number, key: K, work: () => Results<R>): void
}

export function openCalls<T, K extends Key, R, S extends StateSpecs, O extends SideOutputs<K>>(
  id: OperatorId,
  keyed: KeyedContext<K, R>,
  spec: CallSpec<S, O>,
): Calls<T, K, R, S, O> {
  const time = eventTime(keyed)
  let current: Call<K> | undefined

  const call = (): Call<K> => {
    if (current === undefined) throw outsideOfCall(id)
    return current
  }
  const key = (): K => {
    const { key } = call()
    if (key === undefined) throw outsideOfCall(id)
    return key
  }
  const derive = <A>(value: A): StreamRecord<A, K> => {
    const { record, timestamp, latest } = call()
    if (record === undefined) return derivedRecord(id, key(), value, timestamp, latest)
    return withValue(record as StreamRecord<unknown, K>, value)
  }
  const scope: StateScope = { store: keyed.store, key, time: () => call().time, eventTime: time.now }

  function process(next: Call<K>, work: () => Results<R>): void {
    current = next
    try {
      const results = notAsync(id, work())
      if (results) for (const result of results) keyed.out.next(derive(result))
    } finally {
      current = undefined
    }
  }

  function open<V>(output: SideReceiver<V, K>): (value: V) => void {
    const put = keyed.side(output)
    return (value) => put(derive(value))
  }
  const outputs = Object.entries(spec.outputs ?? {}).map(([name, output]) => {
    return [name, open(output as unknown as SideReceiver<never, K>)] as const
  })

  const timing = { id, key, record: () => call().record }

  return {
    scope,
    current: call,
    context: {
      state: openStates(spec.state, scope),
      outputs: Object.fromEntries(outputs) as Outputs<O>,
      timers: {
        event: keyTimers({ ...timing, timers: keyed.eventTimers, handler: 'onEventTimer', spec }),
        processing: keyTimers({ ...timing, timers: keyed.processingTimers, handler: 'onProcessingTimer', spec }),
        now: () => keyed.services.clock.now(),
      },
      get key() {
        return key()
      },
      get record() {
        return call().record as StreamRecord<T, K>
      },
      get watermark() {
        return keyed.watermark
      },
    },
    record(record, key, work) {
      const { timestamp } = record
      if (key !== undefined) time.saw(timestamp)
      process({ key, time: timestamp, record, timestamp, latest: timestamp }, work)
    },
    eventTimer: (at, key, work) =>
      process({ key, time: at, record: undefined, timestamp: at, latest: time.latest() }, work),
    processingTimer: (at, key, work) =>
      process({ key, time: time.now(), record: undefined, timestamp: at, latest: at }, work),
  }
}

function outsideOfCall(operator: OperatorId): FatalError {
  return new FatalError(
    'OUTSIDE_OF_CALL',
    'state, timers or outputs were used while no record or timer of a key was being processed',
    {
      where: { operator },
      hint: 'Use them before the function that received them returns. Do asynchronous work in an asyncMap before the operator',
    },
  )
}
