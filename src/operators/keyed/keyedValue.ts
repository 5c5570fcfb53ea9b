/** One value per key, which may expire: the state of most operators. */
import type { Key, StreamRecord } from '../../record.ts'
import { plainSpec, type Stamped, type StateOptions, stampedSpec } from '../../state/stateOptions.ts'
import type { KeyedContext } from './keyedStep.ts'

export interface KeyedValue<K extends Key, V> {
  /** Undefined if there is none, or it has expired by the time of this record. */
  get(record: StreamRecord<unknown, K>): V | undefined
  /** undefined deletes. */
  set(record: StreamRecord<unknown, K>, value: V | undefined): void
  delete(record: StreamRecord<unknown, K>): void
}

export function keyedValue<K extends Key, V>(
  context: KeyedContext<K, never>,
  name: string,
  options: StateOptions<V>,
): KeyedValue<K, V> {
  return options.ttl === undefined ? lasting(context, name, options) : expiring(context, name, options, options.ttl)
}

/** Returns the value of a key, or else `seed` or the result of `seed`. null is a value. */
export function orSeed<K extends Key, V>(state: KeyedValue<K, V>, seed: V | (() => V)) {
  const make = typeof seed === 'function' ? (seed as () => V) : () => seed
  return (record: StreamRecord<unknown, K>): V => {
    const found = state.get(record)
    return found === undefined ? make() : found
  }
}

function lasting<K extends Key, V>(
  { store }: KeyedContext<K, never>,
  name: string,
  options: StateOptions<V>,
): KeyedValue<K, V> {
  const table = store.values<K, V>(name, plainSpec(options))
  return {
    get: ({ key }) => table.get(key),
    set: ({ key }, value) => (value === undefined ? table.delete(key) : table.set(key, value)),
    delete: ({ key }) => table.delete(key),
  }
}

function expiring<K extends Key, V>(
  context: KeyedContext<K, never>,
  name: string,
  options: StateOptions<V>,
  ttl: number,
): KeyedValue<K, V> {
  const time = eventTime(context)
  const table = context.store.values<K, Stamped<V>>(name, stampedSpec(options, ttl, time.now))
  return {
    get({ key, timestamp }) {
      time.saw(timestamp)
      const found = table.get(key)
      return found === undefined || timestamp >= found.at + ttl ? undefined : found.value
    },
    set: ({ key, timestamp: at }, value) => (value === undefined ? table.delete(key) : table.set(key, { at, value })),
    delete: ({ key }) => table.delete(key),
  }
}

/**
 * Event time so far: the watermark, or without watermarks the highest timestamp. The end of the
 * input does not count as a time.
 */
export function eventTime(context: Pick<KeyedContext<never, never>, 'watermarkToKeep'>) {
  let highest = -Infinity
  return {
    saw(timestamp: number): void {
      if (timestamp > highest) highest = timestamp
    },
    now: (): number => (context.watermarkToKeep > -Infinity ? context.watermarkToKeep : highest),
    /** Highest timestamp known to have come; -Infinity: none. */
    latest: (): number => Math.max(context.watermarkToKeep, highest),
  }
}
