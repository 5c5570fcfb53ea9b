/** How a piece of state is kept: its codec, its version, and how long it lives. */

import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'
import type { OperatorId } from '../record.ts'
import { type Codec, isCodec, serdeOf } from '../serde/codec.ts'
import { json } from '../serde/json.ts'
import type { Migrations, TableSpec } from './table.ts'
import { type Stamped, stamped, timedSince, untimed } from './timed.ts'

export interface StateOptions<V> {
  /** How values become bytes: a serde, an io-ts codec, or any Standard Schema. Default: JSON. */
  readonly codec?: Codec<V> | undefined
  /** Of the values, a whole number from 1; raise it when they change, and say in `migrate` what becomes of the old ones. Default 1. */
  readonly version?: number | undefined
  /** `{ 1: (old) => ... }` makes a value of version 2 out of one of version 1. `old` is what the bytes say, not validated. */
  readonly migrate?: Migrations | undefined
  /**
   * How long a value lives after it was last set, ms of event time: a record whose timestamp is so much later finds none. It is removed some
   * checkpoints after the watermark has passed that time (where there are no watermarks: the highest timestamp). It may be set, changed or left out at
   * any restart: values of before it was set live from the watermark of then on. Default: for ever.
   */
  readonly ttl?: number | undefined
}

export const stateOptionNames = { codec: true, version: true, migrate: true, ttl: true } as const

export type { Stamped } from './timed.ts'

export function plainSpec<V>({ codec, version = 1, migrate }: StateOptions<V>): TableSpec<V> {
  return { serde: serdeOf<V>(codec ?? json<V>()), version, migrate, form: untimed }
}

/** Values that expire. @param time event time so far, ms */
export function stampedSpec<V>(options: StateOptions<V>, ttl: number, time: () => number): TableSpec<Stamped<V>> {
  return { ...timedSpec(options, time), expired: ({ at }) => at + ttl <= time() }
}

/** Values with a time each. @param time of those that a snapshot has without one, ms */
export function timedSpec<V>(options: StateOptions<V>, time: () => number = () => Number.NaN): TableSpec<Stamped<V>> {
  const { serde, version, migrate } = plainSpec(options)
  const upgrades = Object.entries(migrate ?? {}).map(([from, upgrade]) => [from, stampedUpgrade(upgrade)] as const)
  return { serde: stamped(serde), version, migrate: Object.fromEntries(upgrades), form: timedSince(time) }
}

/** What a state is made with, where it may also be just a codec. @param name of what makes it. Throws Fatal BAD_OPTION and NOT_A_CODEC. */
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

/** Throws Fatal BAD_OPTION. */
export function checkStateOptions(operator: OperatorId | undefined, { version = 1, ttl }: StateNumbers): void {
  if (!(Number.isSafeInteger(version) && version >= 1)) {
    throw badOption(operator, 'version', version, 'Give a whole number from 1')
  }
  if (ttl !== undefined && !(Number.isFinite(ttl) && ttl > 0)) {
    throw badOption(operator, 'ttl', ttl, 'Give ms above 0, or leave it out: then state stays')
  }
}

/** What is checked when an operator is made, and not when its job runs. */
export type StateNumbers = Pick<StateOptions<never>, 'version' | 'ttl'>

function badOption(operator: OperatorId | undefined, name: string, value: unknown, hint: string): FatalError {
  const where = operator === undefined ? {} : { operator }
  return new FatalError('BAD_OPTION', `${name} of the state is ${value}`, { where, hint })
}
