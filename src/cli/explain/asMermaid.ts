/** A graph as a flow chart of Mermaid. */
import type { GraphNode, JobGraph } from '../../job/graph/jobGraph.ts'

export function asMermaid({ nodes, edges }: JobGraph): string {
  const ids = new Map(nodes.map(({ name }, at) => [name, `n${at}`]))
  const idOf = (name: string): string => ids.get(name) as string
  return [
    'flowchart LR',
    ...nodes.map((node) => `  ${idOf(node.name)}${shapeOf(node)}`),
    ...edges.map(({ from, to, side }) => `  ${idOf(from)} ${side ? '-.->' : '-->'} ${idOf(to)}`),
  ].join('\n')
}

function shapeOf({ name, kind, role, state }: GraphNode): string {
  const label = `"${name.replaceAll('"', '#quot;')}${name === kind ? '' : `<br/>${kind}`}"`
  if (role !== 'operator') return `([${label}])`
  return state ? `[(${label})]` : `[${label}]`
}
