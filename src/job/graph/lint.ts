/** What a graph alone shows of common mistakes. */
import type { GraphNode, JobGraph } from './jobGraph.ts'

export interface Finding {
  /** Stable name of the rule. */
  readonly rule: 'state-without-key' | 'lift' | 'no-event-time' | 'unbounded-output'
  /** Name of the node. */
  readonly node: string
  readonly message: string
}

/** Operators that wait for event time. */
const byEventTime: readonly string[] = ['window', 'windowJoin', 'coGroup', 'intervalJoin', 'asOfJoin']

export function lint(graph: JobGraph): readonly Finding[] {
  return graph.nodes.flatMap((node) => {
    const before = beforeOf(graph, node.name)
    const { name } = node
    const sources = before.filter(({ role }) => role === 'source')
    const found: Finding[] = []
    const add = (rule: Finding['rule'], message: string): void => void found.push({ rule, node: name, message })
    if (node.state && !before.some(isKeying)) {
      const whose = sources.map((source) => source.name).join(', ')
      add('state-without-key', `no keyBy is before it: its keys are those of the records of ${whose}`)
    }
    if (node.kind === 'lift')
      add('lift', 'its RxJS operators must answer each value at once, and what they keep is in no checkpoint')
    if (byEventTime.includes(node.kind) && sources.length > 0 && !before.some(({ eventTime }) => eventTime))
      add('no-event-time', 'no source before it has a watermark strategy, so it emits only when the input ends')
    if (node.inMemory && sources.some(({ bounded }) => !bounded))
      add('unbounded-output', 'it keeps every record in memory, and a source before it never ends')
    return found
  })
}

function isKeying({ kind, role }: GraphNode): boolean {
  return kind === 'keyBy' || role === 'repartition'
}

/** All nodes from which a way leads to one. */
function beforeOf({ nodes, edges }: JobGraph, name: string): readonly GraphNode[] {
  const found = new Set<string>()
  const look = (to: string): void => {
    for (const edge of edges) {
      if (edge.to !== to || found.has(edge.from)) continue
      found.add(edge.from)
      look(edge.from)
    }
  }
  look(name)
  return nodes.filter((node) => found.has(node.name))
}
