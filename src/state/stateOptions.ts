/** How a piece of state is kept: its codec, its version, and how long it lives. */
import { FatalError } from '../errors.ts'
import { type Codec, isCodec, json, type Serde, serdeOf } from '../serde.ts'
import type { Migrations, TableSpec } from './table.ts'

export interface StateOptions<V> {
  /** How values become bytes: a serde, an io-ts codec, or any Standard Schema. Default: JSON. */
  readonly codec?: Codec<V> | undefined
  /** Of the values, a whole number from 1; raise it when they change, and say in `migrate` what becomes of the old ones. Default 1. */
  readonly version?: number | undefined
  /** `{ 1: (old) => ... }` makes a value of version 2 out of one of version 1. `old` is what the bytes say, not validated. */
  readonly migrate?: Migrations | undefined
  /**
   * How long a value lives after it was last set, ms of event time: a record whose timestamp is so much later finds none. It is removed some
   * checkpoints after the watermark has passed that time (where there are no watermarks: the highest timestamp). Default: for ever.
   */
  readonly ttl?: number | undefined
}

/** A value, and the timestamp of the record that set it, where values expire. */
export interface Stamped<V> {
  readonly at: number
  readonly value: V
}

export function plainSpec<V>({ codec, version = 1, migrate }: StateOptions<V>, operator?: string): TableSpec<V> {
  checkVersion(version, operator)
  return { serde: serdeOf<V>(codec ?? json<V>()), version, migrate }
}

/** Values that expire. @param time event time so far, ms */
export function stampedSpec<V>(options: StateOptions<V>, ttl: number, time: () => number): TableSpec<Stamped<V>> {
  checkTtl(ttl)
  return { ...timedSpec(options), expired: ({ at }) => at + ttl <= time() }
}

/** Values with a time each. */
export function timedSpec<V>(options: StateOptions<V>): TableSpec<Stamped<V>> {
  const { serde, version, migrate } = plainSpec(options)
  const upgrades = Object.entries(migrate ?? {}).map(([from, upgrade]) => [from, stampedUpgrade(upgrade)] as const)
  return { serde: stamped(serde), version, migrate: Object.fromEntries(upgrades) }
}

/** What a state is made with, where it may also be just a codec. @param name of what makes it. Throws Fatal BAD_OPTION and NOT_A_CODEC. */
export function stateOptions<V>(name: string, given: Codec<V> | StateOptions<V>): StateOptions<V> {
  const options = isCodec(given) ? { codec: given as Codec<V> } : (given as StateOptions<V>)
  plainSpec(options, name)
  if (options.ttl !== undefined) checkTtl(options.ttl, name)
  return options
}

/** Eight bytes of time before the value; a value that is null has nothing after them but its length says so. */
function stamped<V>(serde: Serde<V>): Serde<Stamped<V>> {
  const split = <A>(bytes: Buffer | null, inner: (value: Buffer | null) => A): Stamped<A> => {
    if (bytes === null || bytes.length < 9) throw new TypeError('the value has no time')
    return { at: bytes.readDoubleBE(0), value: inner(bytes[8] === 0 ? null : bytes.subarray(9)) }
  }
  return {
    encode({ at, value }) {
      const inner = serde.encode(value)
      const bytes = Buffer.allocUnsafe(9 + (inner?.length ?? 0))
      bytes.writeDoubleBE(at, 0)
      bytes[8] = inner === null ? 0 : 1
      if (inner !== null) bytes.set(inner, 9)
      return bytes
    },
    decode: (bytes) => split(bytes, (value) => serde.decode(value)),
    parse: (bytes) => split<unknown>(bytes, (value) => serde.parse?.(value) ?? serde.decode(value)),
  }
}

function stampedUpgrade(upgrade: (old: never) => unknown) {
  return ({ at, value }: Stamped<never>): Stamped<unknown> => ({ at, value: upgrade(value) })
}

function checkVersion(version: number, operator: string | undefined): void {
  if (Number.isSafeInteger(version) && version >= 1) return
  throw badOption('version', version, operator, 'Give a whole number from 1')
}

function checkTtl(ttl: number, operator?: string): void {
  if (Number.isFinite(ttl) && ttl > 0) return
  throw badOption('ttl', ttl, operator, 'Give ms above 0, or leave it out: then state stays')
}

function badOption(name: string, value: unknown, operator: string | undefined, hint: string): FatalError {
  const where = operator === undefined ? {} : { operator }
  return new FatalError('BAD_OPTION', `${name} of a state is ${value}`, { where, hint })
}
