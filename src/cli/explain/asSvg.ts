/** A graph as a picture, for light and dark pages. */
import type { GraphNode, JobGraph } from '../../job/graph/jobGraph.ts'
import { layout, type Place } from '../../job/graph/layout.ts'

/** Sizes, px. */
const box = { width: 150, height: 46, gapX: 48, gapY: 22, margin: 12 }

export function asSvg(graph: JobGraph): string {
  const places = new Map(layout(graph).map((place) => [place.name, place]))
  const at = (name: string): { readonly x: number; readonly y: number } => {
    const { column, row } = places.get(name) as Place
    return { x: box.margin + column * (box.width + box.gapX), y: box.margin + row * (box.height + box.gapY) }
  }
  const corners = graph.nodes.map(({ name }) => at(name))
  const width = Math.max(...corners.map(({ x }) => x)) + box.width + box.margin
  const height = Math.max(...corners.map(({ y }) => y)) + box.height + box.margin
  const lines = graph.edges.map(({ from, to, side }) => {
    const [a, b] = [at(from), at(to)]
    const [x1, y1, x2, y2] = [a.x + box.width, a.y + box.height / 2, b.x, b.y + box.height / 2]
    const middle = (x1 + x2) / 2
    const curve = `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`
    return `<path d="${curve}" class="way"${side ? ' stroke-dasharray="4 4"' : ''} marker-end="url(#arrow)"/>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Graph of the job ${escaped(graph.job)}">`,
    `<style>${style}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" class="head"/></marker></defs>',
    ...lines,
    ...graph.nodes.map((node) => drawnBox(node, at(node.name))),
    '</svg>',
  ].join('\n')
}

const style = [
  'text{font:13px system-ui,sans-serif;fill:#1b1f24;text-anchor:middle}.kind{font-size:11px;fill:#59636e}',
  '.box{fill:#f6f8fa;stroke:#8c959f}.state{stroke:#0969da;stroke-width:2}.way{fill:none;stroke:#8c959f}.head{fill:#8c959f}',
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.kind{fill:#9198a1}.box{fill:#161b22}.state{stroke:#4493f8}}',
].join('')

function drawnBox(
  { name, kind, role, state }: GraphNode,
  { x, y }: { readonly x: number; readonly y: number },
): string {
  const middle = x + box.width / 2
  const round = role === 'operator' ? 6 : box.height / 2
  return [
    `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="${round}" class="box${state ? ' state' : ''}"/>`,
    `<text x="${middle}" y="${y + (name === kind ? 28 : 21)}">${escaped(short(name))}</text>`,
    ...(name === kind ? [] : [`<text x="${middle}" y="${y + 36}" class="kind">${escaped(kind)}</text>`]),
  ].join('')
}

/** Names are at most 100 letters; a box has room for some twenty. */
function short(name: string): string {
  return name.length > 21 ? `${name.slice(0, 20)}…` : name
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
