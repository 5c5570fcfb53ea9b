/** A graph as lines of text. */
import type { GraphNode, JobGraph } from '../../job/graph/jobGraph.ts'

/** One line a node: what it is, and where its records go. */
export function asText({ job, nodes, edges }: JobGraph): string {
  const width = Math.max(...nodes.map(({ name }) => name.length))
  const kinds = Math.max(...nodes.map((node) => labelOf(node).length))
  const lines = nodes.map((node) => {
    const next = edges.filter(({ from }) => from === node.name).map(({ to, side }) => (side ? `${to} (side)` : to))
    return `  ${node.name.padEnd(width)}  ${labelOf(node).padEnd(kinds)}  ${next.length === 0 ? '' : `-> ${next.join(', ')}`}`
  })
  return [`job ${job}`, ...lines.map((line) => line.trimEnd())].join('\n')
}

function labelOf({ kind, state, topics }: GraphNode): string {
  return [kind, ...(state ? ['(state)'] : []), ...(topics.length > 0 ? [`of ${topics.join(', ')}`] : [])].join(' ')
}
