/** Differences between the keyed states of two jobs under test. */
import { isDeepStrictEqual } from 'node:util'
import type { Key, OperatorId } from '../../record.ts'
import type { OpenTable } from '../../state/openTables.ts'
import { stateView, timerTables } from '../../state/stateView.ts'

/** Key whose state is another one than expected. */
export interface StateDifference {
  /** Id of the operator. */
  readonly operator: OperatorId
  /** Name of the state. */
  readonly state: string
  /** Key that has the state. */
  readonly key: Key
  /** Value of the later savepoint; undefined: there is none. */
  readonly expected: unknown
  /** Value of the replay; undefined: there is none. */
  readonly actual: unknown
}

/** Values and maps by key; timers are tables, too. */
export function stateDifferences(
  expected: readonly OpenTable[],
  actual: readonly OpenTable[],
): readonly StateDifference[] {
  const names = new Set([...expected, ...actual].map(nameOf))
  return [...names].flatMap((name) => {
    const [before, after] = [expected, actual].map((tables) => tables.find((table) => nameOf(table) === name))
    const { operator, name: state } = (before ?? after) as OpenTable
    const [left, right] = [contentOf(before), contentOf(after)]
    return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => {
      const [expected, actual] = [left.get(key), right.get(key)]
      return isDeepStrictEqual(expected, actual) ? [] : [{ operator, state, key, expected, actual }]
    })
  })
}

/** Number of keys by operator, timers left out. */
export function keysByOperator(tables: readonly OpenTable[]): ReadonlyMap<OperatorId, number> {
  const counts = new Map<OperatorId, number>()
  for (const table of tables) {
    if (timerTables.includes(table.name)) continue
    counts.set(table.operator, (counts.get(table.operator) ?? 0) + contentOf(table).size)
  }
  return counts
}

/** Values, or maps, by key. */
export function contentOf(table: OpenTable | undefined): ReadonlyMap<Key, unknown> {
  if (table === undefined) return new Map()
  const state = stateView(() => table)
  return new Map(state.keys().map((key) => [key, table.kind === 'map' ? state.map(key) : state.get(key)]))
}

function nameOf({ operator, kind, name }: OpenTable): string {
  return `${operator}/${kind}/${name}`
}
