import { anObject, rule, wholeNumber } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import { type Codec, codecRule, isCodec, serdeOf } from '../serde/codec.ts'
import { json } from '../serde/json.ts'
import type { Migrations, TableSpec } from './table.ts'
import { type Stamped, stamped, timedSince, untimed } from './timed.ts'

/** Options of a piece of keyed state. */
export interface StateOptions<V> {
  /** Codec of the values: a serde, an io-ts codec or a Standard Schema. Default: JSON. */
  readonly codec?: Codec<V> | undefined
  /**
   * Version of the values' format, a whole number from 1. Raise it when the format changes, and
   * convert old values in `migrate`. Default 1: the first version.
   */
  readonly version?: number | undefined
  /**
   * Conversions by old version: `{ 1: (old) => ... }` makes values of version 2. `old` is parsed
   * but not validated. Default: none.
   */
  readonly migrate?: Migrations | undefined
  /**
   * Time to live of a value after it was last set, ms of event time: a record with a later
   * timestamp finds no value. Expired values are removed some checkpoints after the watermark
   * (without watermarks: the highest timestamp) has passed them. May be set, changed or left out at
   * any restart; values set before then live on from the watermark of that restart. Default: no
   * expiry.
   */
  readonly ttl?: number | undefined
}

const isPositive = (ms: unknown) => Number.isFinite(ms) && (ms as number) > 0

export const stateRules: OptionRules<StateOptions<never>> = {
  codec: codecRule,
  version: wholeNumber(1),
  migrate: anObject,
  ttl: rule('a number of ms above 0', isPositive),
}

export type { Stamped } from './timed.ts'

export function plainSpec<V>({ codec, version = 1, migrate }: StateOptions<V> = {}): TableSpec<V> {
  return { serde: serdeOf<V>(codec ?? json<V>()), version, migrate, form: untimed }
}

/**
 * Describes values that expire.
 *
 * @param time event time so far, ms
 */
export function stampedSpec<V>(options: StateOptions<V>, ttl: number, time: () => number): TableSpec<Stamped<V>> {
  return { ...timedSpec(options, time), expired: ({ at }) => at + ttl <= time() }
}

/**
 * Describes values that each carry a time.
 *
 * @param time time of values that a snapshot has without one, ms
 */
export function timedSpec<V>(options: StateOptions<V>, time: () => number = () => Number.NaN): TableSpec<Stamped<V>> {
  const { serde, version, migrate } = plainSpec(options)
  const upgrades = Object.entries(migrate ?? {}).map(([from, upgrade]) => [from, stampedUpgrade(upgrade)] as const)
  return { serde: stamped(serde), version, migrate: Object.fromEntries(upgrades), form: timedSince(time) }
}

/**
 * Normalizes the argument of a state factory: options, or just a codec.
 *
 * @param name name of the factory, for messages
 * @throws BAD_OPTION
 */
export function stateOptions<V>(name: string, given: Codec<V> | StateOptions<V>): StateOptions<V> {
  const options = isCodec(given) ? { codec: given as Codec<V> } : (given as StateOptions<V>)
  checkOptions<StateOptions<V>>(name, options, stateRules)
  return options
}

function stampedUpgrade(upgrade: (old: never) => unknown) {
  return ({ at, value }: Stamped<never>): Stamped<unknown> => ({ at, value: upgrade(value) })
}
