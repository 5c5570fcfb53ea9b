/** The graph of a job: what its function wires, with nothing opened. */
import type { Observable } from 'rxjs'
import { type Drawn, drawnAs } from '../../operators/engine/drawn.ts'
import type { Job } from '../defineJob.ts'
import { type Wiring, wire } from '../pipeline.ts'
import type { GraphEdge, GraphNode } from './graphParts.ts'
import { namedAsCounted } from './namedAsCounted.ts'

export type { GraphEdge, GraphNode } from './graphParts.ts'

export interface JobGraph {
  readonly job: string
  /** Each node behind those before it. */
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/** Throws whatever the job's function does, and what `execute` throws about its wiring. */
export function jobGraph(job: Job): JobGraph {
  const wiring = wire(job)
  const { nodes, add } = nodeList()
  const edges: GraphEdge[] = []
  const sides = sidesOf(wiring)
  /** Name of the node whose output a stream is. */
  const named = new Map<object, string>()

  for (const { source, strategy, elements } of wiring.feeds) {
    const { id, topics = [], bounded = false } = source
    const role = isMiddle(wiring, source) ? 'repartition' : 'source'
    const eventTime = strategy.outOfOrderness !== undefined
    named.set(elements, add(id, { role, kind: role, topics, bounded, eventTime }))
  }

  function connect(input: object, to: string): void {
    const { stream, side } = origin(input, sides)
    const from = nameOf(stream)
    // Branches that meet again are one way.
    const known = edges.some((edge) => edge.from === from && edge.to === to && edge.side === side)
    if (from !== null && !known) edges.push({ from, to, side })
  }

  /** Null for a stream of which nothing is known. */
  function nameOf(stream: object): string | null {
    const found = named.get(stream)
    if (found !== undefined) return found
    const drawn = drawnAs(stream)
    if (drawn === null || drawn.kind === null) return null
    const { kind, id, inputs } = drawn
    const name = add(id ?? kind, { role: 'operator', kind, state: id !== null })
    named.set(stream, name)
    for (const input of inputs) connect(input, name)
    return name
  }

  for (const output of wiring.branches) {
    const { sink } = output
    const inMemory = 'committed' in sink
    const behind = wiring.feeds.find(({ source }) => source === wiring.midways.get(sink))
    const to = behind === undefined ? add(sink.id, { role: 'sink', kind: 'sink', inMemory }) : nameOf(behind.elements)
    for (const input of inputsOf(output)) if (to !== null) connect(input, to)
  }
  const { onError = 'fail' } = job
  if (typeof onError !== 'string') add(onError.deadLetters.id, { role: 'sink', kind: 'dead letters' })
  return { job: job.name, ...namedAsCounted(inOrder(nodes, edges), edges) }
}

function nodeList() {
  const nodes: GraphNode[] = []
  const add = (wanted: string, parts: Pick<GraphNode, 'role' | 'kind'> & Partial<GraphNode>): string => {
    const taken = (name: string): boolean => nodes.some((node) => node.name === name)
    let name = wanted
    for (let n = 2; taken(name); n++) name = `${wanted} ${n}`
    nodes.push({ state: false, topics: [], eventTime: false, bounded: false, inMemory: false, ...parts, name })
    return name
  }
  return { nodes, add }
}

function isMiddle({ midways }: Wiring, source: object): boolean {
  return [...midways.values()].some((one) => one === source)
}

/** The stream of a node behind parts that are not drawn, and whether a side output is between. */
function origin(given: object, sides: ReadonlyMap<object, object>) {
  let stream = given
  let side = false
  while (true) {
    const filled = sides.get(stream)
    side ||= filled !== undefined
    const before = filled ?? (isDrawn(stream) ? undefined : inputsOf(stream)[0])
    if (before === undefined) return { stream, side }
    stream = before
  }
}

function isDrawn(stream: object): boolean {
  return (drawnAs(stream)?.kind ?? null) !== null
}

/** Of an operator of RxJS's own, RxJS keeps the input. */
function inputsOf(stream: object): readonly Observable<unknown>[] {
  const { inputs = [] }: Partial<Drawn> = drawnAs(stream) ?? {}
  const { source } = stream as { readonly source?: Observable<unknown> }
  return inputs.length > 0 || source === undefined ? inputs : [source]
}

/** Streams of side outputs, with the stream of the operator that fills each. */
function sidesOf({ branches }: Wiring): ReadonlyMap<object, object> {
  const found = new Map<object, object>()
  const seen = new Set<object>()
  const look = (stream: object): void => {
    if (seen.has(stream)) return
    seen.add(stream)
    for (const side of drawnAs(stream)?.sides ?? []) found.set(side, stream)
    for (const input of inputsOf(stream)) look(input)
  }
  for (const output of branches) look(output)
  return found
}

/** Each node behind those before it; nodes that nothing orders stay as they were. */
function inOrder(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): readonly GraphNode[] {
  const depths = new Map<string, number>()
  const depthOf = (name: string): number => {
    const known = depths.get(name)
    if (known !== undefined) return known
    const depth = Math.max(0, ...edges.filter(({ to }) => to === name).map(({ from }) => depthOf(from) + 1))
    depths.set(name, depth)
    return depth
  }
  return [...nodes].sort((a, b) => depthOf(a.name) - depthOf(b.name))
}
