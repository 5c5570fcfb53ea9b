/**
 * Names the operators without an id as metrics do: by their kind, and a second one of that kind
 * "kind-2", in the order in which the first element of an attempt reaches them. It takes each
 * branch to its end, and passes an operator with several inputs as soon as the first one has it.
 */
import type { GraphEdge, GraphNode } from './graphParts.ts'

export function namedAsCounted(nodes: readonly GraphNode[], edges: readonly GraphEdge[]) {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()

  function visit(name: string): void {
    const node = nodes.find((one) => one.name === name)
    if (node === undefined || names.has(name)) return
    names.set(name, nameOf(node))
    for (const { from, to } of edges) if (from === name) visit(to)
  }

  function nameOf({ name, role, kind, state }: GraphNode): string {
    if (role !== 'operator' || state) return name
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    return count === 1 ? kind : `${kind}-${count}`
  }

  for (const { name } of nodes) if (!edges.some((edge) => edge.to === name)) visit(name)
  const named = (name: string): string => names.get(name) ?? name
  return {
    nodes: nodes.map((node) => ({ ...node, name: named(node.name) })),
    edges: edges.map((edge) => ({ ...edge, from: named(edge.from), to: named(edge.to) })),
  }
}
