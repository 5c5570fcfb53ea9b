/**
 * State, timers and side outputs for each key, in the user's own functions: what every other operator with state could be written with.
 *
 *   orders.pipe(
 *     keyBy((order) => order.id),
 *     keyedProcess({
 *       state: { waiting: valueState<Order>() },
 *       outputs: { unpaid },
 *       onElement(order, { state, timers, record }) {
 *         if (order.paid) state.waiting.delete()
 *         else {
 *           state.waiting.set(order)
 *           timers.event.set(record.timestamp + 3_600_000)
 *         }
 *         return [order.id]
 *       },
 *       onEventTimer(time, { state, outputs }) {
 *         const order = state.waiting.get()
 *         if (order !== undefined) outputs.unpaid(order)
 *       },
 *     }, { id: 'payments' }),
 *   )
 *
 * Source: the KeyedProcessFunction of Flink.
 */
import type { Key } from '../record.ts'
import type { StateSpecs } from '../state/stateSpec.ts'
import { openCalls } from './engine/userCalls.ts'
import { type KeyedOperator, keyed } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import type { ElementContext, ProcessContext, Results, SideOutputs, TimerFunctions } from './keyed/processContext.ts'

export interface KeyedProcessSpec<T, K extends Key, R, E, P, S, O>
  extends TimerFunctions<ProcessContext<K, S, O>, E, P> {
  readonly state?: S
  /** Made with `sideOutput()`, each for this operator alone. */
  readonly outputs?: O
  /**
   * Results have the record's key, timestamp, headers and place. If it throws, OPERATOR_FAILED: `onError`. A record that the job goes on without
   * has then put out and changed nothing, except where it has changed a value of the state in place: `set` a new one instead.
   */
  onElement(value: T, context: ElementContext<T, K, S, O>): Results<R>
}

/**
 * Everything is in the checkpoints: state, timers, and how far time has come. At the end of the input all event timers ring, but not those that
 * are set by then. Errors: OUTSIDE_OF_CALL where what the functions were given is used after they have returned.
 */
export function keyedProcess<
  T,
  K extends Key,
  R = never,
  E = never,
  P = never,
  S extends StateSpecs = Record<never, never>,
  O extends SideOutputs = Record<never, never>,
>(spec: KeyedProcessSpec<T, K, R, E, P, S, O>, options: StatefulOptions): KeyedOperator<T, K, R | E | P> {
  return keyed<T, K, R | E | P>(
    'keyedProcess',
    options,
    (keyed) => {
      const calls = openCalls<T, K, R | E | P, S, O>(options.id, keyed, spec)
      const { context } = calls
      return {
        record: (record) => calls.record(record, record.key, () => spec.onElement(record.value, context)),
        onEventTimer: (time, key) => calls.eventTimer(time, key, () => spec.onEventTimer?.(time, context)),
        onProcessingTimer: (time, key) =>
          calls.processingTimer(time, key, () => spec.onProcessingTimer?.(time, context)),
      }
    },
    Object.values(spec.outputs ?? {}),
  )
}
