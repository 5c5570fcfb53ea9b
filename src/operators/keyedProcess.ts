import { aFunction, required } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import type { Key } from '../record.ts'
import type { StateSpecs } from '../state/stateSpec.ts'
import { openCalls } from './engine/userCalls.ts'
import { type KeyedOperator, keyed, statefulRules } from './keyed/keyed.ts'
import type { StatefulOptions } from './keyed/keyedStep.ts'
import type { ElementContext, ProcessContext, Results, SideOutputs, TimerFunctions } from './keyed/processContext.ts'
import { specRules } from './keyed/processContext.ts'

/** Functions and state of `keyedProcess`. */
export interface KeyedProcessSpec<T, K extends Key, R, E, P, S, O>
  extends TimerFunctions<ProcessContext<K, S, O>, E, P> {
  /** State of each key, by name. Default: none. */
  readonly state?: S
  /**
   * Side outputs made with `sideOutput()`, by name, each for this operator alone. Default: none.
   */
  readonly outputs?: O
  /**
   * Called for each record. Results have its key, timestamp, headers and place.
   *
   * If it throws, OPERATOR_FAILED and `onError`. A record without which the job continues has
   * emitted and changed nothing, except state values changed in place: `set` a new value instead.
   */
  onElement(value: T, context: ElementContext<T, K, S, O>): Results<R>
}

/**
 * Runs user code with state, timers and side outputs per key; every operator with state could be
 * written with it.
 *
 * ```ts
 * orders.pipe(
 *   keyBy((order) => order.id),
 *   keyedProcess({
 *     state: { waiting: valueState<Order>() },
 *     outputs: { unpaid },
 *     onElement(order, { state, timers, record }) {
 *       state.waiting.set(order)
 *       timers.event.set(record.timestamp + 3_600_000)
 *     },
 *     onEventTimer(time, { state, outputs }) {
 *       const order = state.waiting.get()
 *       if (order !== undefined) outputs.unpaid(order)
 *     },
 *   }, { id: 'payments' }),
 * )
 * ```
 *
 * State, timers and event time are in the checkpoints. At the end of the input all event timers
 * fire, except those set by them. After Flink's KeyedProcessFunction.
 *
 * @throws OUTSIDE_OF_CALL if a context is used after its function has returned
 * @throws OPERATOR_FAILED if a function throws; see `onError`
 */
export function keyedProcess<
  T,
  K extends Key,
  R = never,
  E = never,
  P = never,
  S extends StateSpecs = Record<never, never>,
  O extends SideOutputs<K> = Record<never, never>,
>(spec: KeyedProcessSpec<T, K, R, E, P, S, O>, options: StatefulOptions): KeyedOperator<T, K, R | E | P> {
  checkOptions<KeyedProcessSpec<T, K, R, E, P, S, O>>('keyedProcess', spec, {
    ...specRules,
    onElement: required(aFunction),
  })
  return keyed<T, K, R | E | P>(
    'keyedProcess',
    options,
    statefulRules,
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
