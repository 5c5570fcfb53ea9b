/**
 * A keyed stream together with one that is for all keys, such as rules. What the second one says is kept in a map that every key may look into.
 *
 *   payments.pipe(
 *     keyBy((payment) => payment.card),
 *     connect(rules, {
 *       broadcast: mapState<string, Rule>(),
 *       onBroadcast: (rule, { broadcast }) => broadcast.set(rule.name, rule),
 *       onElement: (payment, { broadcast }) =>
 *         broadcast.entries().flatMap(([name, rule]) => (payment.amount > rule.limit ? [{ name, payment }] : [])),
 *     }, { id: 'rules' }),
 *   )
 *
 * Source: the broadcast state pattern of Flink (KeyedBroadcastProcessFunction).
 */
import type { Observable } from 'rxjs'
import type { StreamElement } from '../element.ts'
import type { Key, StreamRecord } from '../record.ts'
import { type MapState, type ReadonlyMapState, readonlyMap } from '../state/mapState.ts'
import type { StateScope, StateSpec, StateSpecs } from '../state/stateSpec.ts'
import { openCalls } from './engine/userCalls.ts'
import { type KeyedOperator, keyedMany } from './keyed/keyed.ts'
import type { KeyedContext, KeyedHandlers, StatefulOptions } from './keyed/keyedStep.ts'
import type {
  ElementContext,
  Outputs,
  ProcessContext,
  Results,
  SideOutputs,
  TimerFunctions,
} from './keyed/processContext.ts'

/** What all keys may look into. */
export interface Broadcast<N extends Key, V> {
  readonly broadcast: ReadonlyMapState<N, V>
}

/** What a function is given for a record that is for all keys: there is no current one, so no state and no timers. */
export interface BroadcastContext<B, O, N extends Key, V> {
  readonly broadcast: MapState<N, V>
  readonly record: StreamRecord<B>
  readonly outputs: Outputs<O>
  /** ms since the epoch; -Infinity: none has come. */
  readonly watermark: number
}

/** Results would have no key, which those of a keyed stream have: what there is to say goes to a side output. */
// biome-ignore lint/suspicious/noConfusingVoidType: so that a function which returns something does not compile
export type NoResults = undefined | void

export interface ConnectSpec<T, B, K extends Key, R, E, P, S, O, N extends Key, V>
  extends TimerFunctions<ProcessContext<K, S, O> & Broadcast<N, V>, E, P> {
  /** By name; only `onBroadcast` may change it. */
  readonly broadcast: StateSpec<MapState<N, V>>
  readonly state?: S
  readonly outputs?: O
  /** As in `keyedProcess`. */
  onElement(value: T, context: ElementContext<T, K, S, O> & Broadcast<N, V>): Results<R>
  /** If it throws: `onError`, as for `onElement`. */
  onBroadcast(value: B, context: BroadcastContext<B, O, N, V>): NoResults
}

/** The one key that the map is kept under. */
const allKeys = true

/**
 * All is in the checkpoints: the map, state, timers. Which of an element and a rule comes first is open: neither stream waits for the other.
 * The watermark is the lower one of both, so give a stream of rules that may be silent a strategy with an idleness.
 *
 * @param broadcast needs no keys, and where there are some they are not looked at
 */
export function connect<
  T,
  B,
  K extends Key,
  N extends Key,
  V,
  R = never,
  E = never,
  P = never,
  S extends StateSpecs = Record<never, never>,
  O extends SideOutputs = Record<never, never>,
>(
  broadcast: Observable<StreamElement<B>>,
  spec: ConnectSpec<T, B, K, R, E, P, S, O, N, V>,
  options: StatefulOptions,
): KeyedOperator<T, K, R | E | P> {
  const open = (keyed: KeyedContext<K, R | E | P>): KeyedHandlers<T | B, K> => {
    const calls = openCalls<T, K, R | E | P, S, O>(options.id, keyed, spec)
    const map = spec.broadcast.open(forAllKeys(calls), 'broadcast')
    const context = Object.assign(calls.context, { broadcast: readonlyMap(map) })
    const broadcastContext: BroadcastContext<B, O, N, V> = {
      broadcast: map,
      outputs: calls.context.outputs,
      get record() {
        return calls.current().record as StreamRecord<B>
      },
      get watermark() {
        return keyed.watermark
      },
    }
    return {
      record: (record) => calls.record(record, record.key, () => spec.onElement(record.value as T, context)),
      broadcast: (record) =>
        calls.record(record, undefined, () => void spec.onBroadcast(record.value as B, broadcastContext)),
      onEventTimer: (time, key) => calls.eventTimer(time, key, () => spec.onEventTimer?.(time, context)),
      onProcessingTimer: (time, key) => calls.processingTimer(time, key, () => spec.onProcessingTimer?.(time, context)),
    }
  }
  const sides = Object.values(spec.outputs ?? {})
  return (elements) => keyedMany<T | B, K, R | E | P>('connect', options, [elements, broadcast], open, sides)
}

function forAllKeys({ scope, current }: { readonly scope: StateScope; readonly current: () => unknown }): StateScope {
  const key = (): Key => {
    current()
    return allKeys
  }
  return { ...scope, key }
}
