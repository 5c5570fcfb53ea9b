import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'
import type { OperatorId } from '../record.ts'
import { type Codec, isCodec, serdeOf } from '../serde/codec.ts'
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

export const stateOptionNames = { codec: true, version: true, migrate: true, ttl: true } as const

export type { Stamped } from './timed.ts'

export function plainSpec<V>({ codec, version = 1, migrate }: StateOptions<V>): TableSpec<V> {
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
 * @throws NOT_A_CODEC
 */
export function stateOptions<V>(name: string, given: Codec<V> | StateOptions<V>): StateOptions<V> {
  const options = isCodec(given) ? { codec: given as Codec<V> } : (given as StateOptions<V>)
  checkOptionNames(name, options, stateOptionNames)
  plainSpec(options)
  checkStateOptions(name, options)
  return options
}

function stampedUpgrade(upgrade: (old: never) => unknown) {
  return ({ at, value }: Stamped<never>): Stamped<unknown> => ({ at, value: upgrade(value) })
}

/**
 * Checks the version and the time to live.
 *
 * @throws BAD_OPTION
 */
export function checkStateOptions(operator: OperatorId | undefined, { version = 1, ttl }: StateNumbers): void {
  if (!(Number.isSafeInteger(version) && version >= 1)) {
    throw badOption(operator, 'version', version, 'Give a whole number from 1')
  }
  if (ttl !== undefined && !(Number.isFinite(ttl) && ttl > 0)) {
    throw badOption(operator, 'ttl', ttl, 'Give ms above 0, or leave it out: then state stays')
  }
}

/** Options that are checked when an operator is made, before its job runs. */
export type StateNumbers = Pick<StateOptions<never>, 'version' | 'ttl'>

function badOption(operator: OperatorId | undefined, name: string, value: unknown, hint: string): FatalError {
  const where = operator === undefined ? {} : { operator }
  return new FatalError('BAD_OPTION', `${name} of the state is ${value}`, { where, hint })
}
