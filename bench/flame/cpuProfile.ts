/** Reads what `node --cpu-prof` writes: which functions had the time, by themselves and with all that they called. */

/** As in the file. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  /** The node that was running at each sample. */
  readonly samples: readonly number[]
  /** µs since the sample before. */
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

/** One function as it was called from one place, with the functions that it called. */
export interface Frame {
  readonly name: string
  /** µs in the function itself. */
  readonly self: number
  /** µs with all that it called. */
  readonly total: number
  readonly children: readonly Frame[]
}

export interface HotFunction {
  readonly name: string
  readonly self: number
  /** What is called by itself counts once. */
  readonly total: number
}

/** The whole profile, without the time in which nothing was done. Calls of one function from one place are one frame. */
export function framesOf({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const self = new Map<number, number>()
  samples.forEach((id, at) => {
    self.set(id, (self.get(id) ?? 0) + Math.max(0, timeDeltas[at] ?? 0))
  })
  const called = new Set(nodes.flatMap(({ children = [] }) => children))
  const roots = nodes.filter(({ id, callFrame }) => !called.has(id) && callFrame.functionName !== idle)
  return merged('all', roots.length === 1 && isRoot(roots[0]) ? childrenOf(roots) : roots)

  function childrenOf(those: readonly ProfileNode[]): readonly ProfileNode[] {
    const all = those.flatMap(({ children = [] }) => children.map((id) => byId.get(id) as ProfileNode))
    return all.filter(({ callFrame }) => callFrame.functionName !== idle)
  }

  /** A frame whose children are these nodes, those of one name as one. */
  function merged(name: string, inside: readonly ProfileNode[], own = 0): Frame {
    const groups = new Map<string, ProfileNode[]>()
    for (const node of inside) groups.set(nameOf(node), [...(groups.get(nameOf(node)) ?? []), node])
    const children = [...groups].map(([each, those]) =>
      merged(
        each,
        childrenOf(those),
        those.reduce((sum, { id }) => sum + (self.get(id) ?? 0), 0),
      ),
    )
    children.sort((a, b) => b.total - a.total)
    return { name, self: own, total: own + children.reduce((sum, { total }) => sum + total, 0), children }
  }
}

const idle = '(idle)'

function isRoot(node: ProfileNode | undefined): boolean {
  return node?.callFrame.functionName === '(root)'
}

/** "takeRound outbox.js:93": file names are enough to find one's way. */
function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const file = url.slice(url.lastIndexOf('/') + 1)
  const name = functionName || '(anonymous)'
  return file === '' ? name : `${name} ${file}:${lineNumber + 1}`
}

/** Those that had the most time by themselves, first. */
export function hottest(root: Frame): readonly HotFunction[] {
  const found = new Map<string, { self: number; total: number }>()
  const visit = ({ name, self, total, children }: Frame, above: ReadonlySet<string>): void => {
    const one = found.get(name) ?? { self: 0, total: 0 }
    one.self += self
    if (!above.has(name)) one.total += total
    found.set(name, one)
    const within = new Set(above).add(name)
    for (const child of children) visit(child, within)
  }
  for (const child of root.children) visit(child, new Set())
  return [...found].map(([name, times]) => ({ name, ...times })).sort((a, b) => b.self - a.self)
}
