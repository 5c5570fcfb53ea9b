/** Places the nodes of a graph: columns by depth, rows near those before. */
import type { JobGraph } from './jobGraph.ts'

export interface Place {
  readonly name: string
  /** Column, from the left, from 0 on. */
  readonly column: number
  /** Row, from the top, from 0 on. */
  readonly row: number
}

export function layout({ nodes, edges }: JobGraph): readonly Place[] {
  const places = new Map<string, Place>()
  const used = new Set<string>()
  for (const { name } of nodes) {
    const before = edges.flatMap((edge) => (edge.to === name ? (places.get(edge.from) ?? []) : []))
    const column = Math.max(0, ...before.map((place) => place.column + 1))
    let row = Math.min(...before.map((place) => place.row), before.length > 0 ? Infinity : 0)
    while (used.has(`${column}/${row}`)) row++
    used.add(`${column}/${row}`)
    places.set(name, { name, column, row })
  }
  return [...places.values()]
}
