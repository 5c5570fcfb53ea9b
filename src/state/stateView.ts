import { FatalError } from '../errors.ts'
import type { Key, OperatorId } from '../record.ts'
import type { OpenTable } from './openTables.ts'
import type { TableSpec } from './table.ts'
import type { Stamped } from './timed.ts'

/**
 * Keyed state of one operator. Values are copies made by the codec, as a restored job would find
 * them; expired ones are absent.
 */
export interface StateView<V> {
  /**
   * Returns the value of a key.
   *
   * @param sub key within the map, if the operator keeps a map for each key
   * @throws WRONG_STATE_KIND if `sub` is missing, or given for a state without maps
   */
  get(key: Key, sub?: Key): V | undefined
  /** Returns the keys that have state, in no particular order. */
  keys(): readonly Key[]
  /**
   * Returns the map of a key.
   *
   * @throws WRONG_STATE_KIND if the operator keeps one value for each key
   */
  map(key: Key): ReadonlyMap<Key, V>
}

/** Tables of timers, which every operator with state has. */
export const timerTables = ['event-timers', 'processing-timers']

/** @param find looks the table up each time, since a restore replaces it */
export function stateView<V>(find: () => OpenTable): StateView<V> {
  const value = (key: Key, sub?: Key): V | undefined => {
    const live = find()
    if ((live.kind === 'map') !== (sub !== undefined)) throw wrongKind(live)
    return visible<V>(live.spec, live.kind === 'map' ? live.table.get(key, sub as Key) : live.table.get(key))
  }
  const map = (key: Key): ReadonlyMap<Key, V> => {
    const live = find()
    if (live.kind === 'value') throw wrongKind(live)
    const entries = live.table.subs(key).map((sub) => [sub, value(key, sub)] as const)
    return new Map(entries.filter((entry): entry is readonly [Key, V] => entry[1] !== undefined))
  }
  const isThere = (key: Key): boolean => (find().kind === 'map' ? map(key).size > 0 : value(key) !== undefined)
  return { get: value, map, keys: () => [...find().table.keys()].filter(isThere) }
}

/** @throws NO_SUCH_STATE with a list of what exists */
export function findTable(tables: readonly OpenTable[], operator: OperatorId, name: string | undefined): OpenTable {
  const ofOperator = tables.filter((table) => table.operator === operator)
  const own = ofOperator.filter((table) => !timerTables.includes(table.name))
  const found = name === undefined ? own : ofOperator.filter((table) => table.name === name)
  if (found.length === 1) return found[0] as OpenTable
  throw noSuchState(tables, operator, name, own)
}

function visible<V>({ serde, expired, form }: TableSpec<unknown>, value: unknown): V | undefined {
  if (value === undefined || expired?.(value)) return undefined
  const bytes = serde.encode(value)
  const copy = serde.decode(bytes === null ? null : Buffer.from(bytes))
  return form?.timed ? (copy as Stamped<V>).value : (copy as V)
}

function wrongKind({ operator, name, kind }: OpenTable): FatalError {
  const has = kind === 'map' ? 'a map' : 'one value'
  return new FatalError('WRONG_STATE_KIND', `the state "${name}" has ${has} for each key`, {
    where: { operator },
    hint: kind === 'map' ? 'Use get(key, sub) or map(key)' : 'Use get(key)',
  })
}

function noSuchState(
  tables: readonly OpenTable[],
  operator: OperatorId,
  name: string | undefined,
  own: readonly OpenTable[],
): FatalError {
  const operators = [...new Set(tables.map((table) => table.operator))]
  const isKnown = operators.includes(operator)
  const all = (isKnown ? own.map((table) => table.name) : operators).map((one) => `"${one}"`).join(', ') || 'none'
  const what = !isKnown
    ? 'the job has no operator with state that has this id'
    : `the operator has ${name === undefined ? `${own.length} states` : `no state "${name}"`}`
  return new FatalError('NO_SUCH_STATE', what, {
    where: { operator },
    hint: isKnown ? `Name one of its states: ${all}` : `Operators with state: ${all}`,
  })
}
