import { aFunction, required } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import type { Key, StreamRecord } from '../record.ts'
import { type MapState, type ReadonlyMapState, readonlyMap } from '../state/mapState.ts'
import type { StateScope, StateSpec, StateSpecs } from '../state/stateSpec.ts'
import type { Stream } from '../stream.ts'
import { notAsync } from './engine/notAsync.ts'
import { readByAll } from './engine/readByAll.ts'
import { openCalls } from './engine/userCalls.ts'
import { checkKeyed, type KeyedOperator, keyedMany, statefulRules } from './keyed/keyed.ts'
import type { KeyedContext, KeyedHandlers, StatefulOptions } from './keyed/keyedStep.ts'
import type {
  ElementContext,
  Outputs,
  ProcessContext,
  Results,
  SideOutputs,
  TimerFunctions,
} from './keyed/processContext.ts'
import { specRules, stateRule } from './keyed/processContext.ts'

/** Read access to the broadcast map, from every key. */
export interface Broadcast<N extends Key, V> {
  /** Map filled by `onBroadcast`. */
  readonly broadcast: ReadonlyMapState<N, V>
}

/**
 * Context of a broadcast record. It belongs to no key, so there is no state and there are no
 * timers.
 */
export interface BroadcastContext<B, O, N extends Key, V> {
  /** Map that every key can read. */
  readonly broadcast: MapState<N, V>
  /** Record of the broadcast stream. */
  readonly record: StreamRecord<B>
  /** Side outputs, by the names in the spec. */
  readonly outputs: Outputs<O>
  /** Current watermark, ms since the epoch; -Infinity before the first one. */
  readonly watermark: number
}

/** Result of `onBroadcast`: none, since a result would have no key. Use a side output instead. */
// biome-ignore lint/suspicious/noConfusingVoidType: so that a function which returns something does not compile
export type NoResults = undefined | void

/** Functions and state of `connect`. */
export interface ConnectSpec<T, B, K extends Key, R, E, P, S, O, N extends Key, V>
  extends TimerFunctions<ProcessContext<K, S, O> & Broadcast<N, V>, E, P> {
  /**
   * Declaration of the map that every key can read, by `mapState`. Only `onBroadcast` may change
   * it.
   */
  readonly broadcast: StateSpec<MapState<N, V>>
  /** State of each key, by name. Default: none. */
  readonly state?: S
  /** Side outputs, by name, each for this operator alone. Default: none. */
  readonly outputs?: O
  /** Called for each record of the keyed stream, as in `keyedProcess`. */
  onElement(value: T, context: ElementContext<T, K, S, O> & Broadcast<N, V>): Results<R>
  /** Called for each record of the broadcast stream. If it throws, `onError` applies. */
  onBroadcast(value: B, context: BroadcastContext<B, O, N, V>): NoResults
}

/** Key under which the map is kept. */
const allKeys = true

/**
 * Connects a keyed stream to a broadcast stream, such as rules, that fills a map for all keys.
 *
 * ```ts
 * payments.pipe(
 *   keyBy((payment) => payment.card),
 *   connect(rules, {
 *     broadcast: mapState<string, Rule>(),
 *     onBroadcast: (rule, { broadcast }) => broadcast.set(rule.name, rule),
 *     onElement: (payment, { broadcast }) =>
 *       broadcast.entries().flatMap(([name, rule]) => (payment.amount > rule.limit ? [name] : [])),
 *   }, { id: 'rules' }),
 * )
 * ```
 *
 * The map, state and timers are in the checkpoints. The order between the two streams is open:
 * neither waits for the other. The lower watermark of both counts, so give a broadcast stream that
 * may be silent an idleness. After Flink's broadcast state pattern.
 *
 * With shards, each shard needs all records of the broadcast stream, so read it with
 * `from(rules, watermarks, { everywhere: true })`.
 *
 * @param broadcast stream for all keys; keys of its records are ignored
 * @throws OPERATOR_FAILED if a function throws; see `onError`
 * @throws BROADCAST_IN_PART with shards, at the first checkpoint, if each shard reads only a part
 *   of a source of the broadcast stream
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
  broadcast: Stream<B>,
  spec: ConnectSpec<T, B, K, R, E, P, S, O, N, V>,
  options: StatefulOptions,
): KeyedOperator<T, K, R | E | P> {
  checkOptions<ConnectSpec<T, B, K, R, E, P, S, O, N, V>>('connect', spec, {
    ...specRules,
    broadcast: required(stateRule),
    onElement: required(aFunction),
    onBroadcast: required(aFunction),
  })
  checkKeyed('connect', options, statefulRules)
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
        calls.record(record, undefined, () =>
          noResults(options.id, spec.onBroadcast(record.value as B, broadcastContext)),
        ),
      onEventTimer: (time, key) => calls.eventTimer(time, key, () => spec.onEventTimer?.(time, context)),
      onProcessingTimer: (time, key) => calls.processingTimer(time, key, () => spec.onProcessingTimer?.(time, context)),
    }
  }
  const sides = Object.values(spec.outputs ?? {})
  return (elements) =>
    keyedMany<T | B, K, R | E | P>(
      'connect',
      options,
      statefulRules,
      [elements, readByAll(options.id, broadcast)],
      open,
      sides,
    )
}

/** Other results would have no key. */
function noResults(id: string, returned: NoResults): undefined {
  notAsync<unknown>(id, returned)
}

function forAllKeys({ scope, current }: { readonly scope: StateScope; readonly current: () => unknown }): StateScope {
  const key = (): Key => {
    current()
    return allKeys
  }
  const { store } = scope
  const maps: typeof store.maps = (name, spec) => store.maps(name, { ...spec, ownerOf: () => null })
  return { ...scope, key, store: { ...store, maps } }
}
