import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Figures, GraphView, NodeFigures, NodeView } from '../../view'
import { bytes, count, duration, percent } from '../format'
import { Bar } from './bar'
import { Scroller } from './scroller'

/** Sizes, px. */
const sizes = { least: 138, most: 210, height: 124, gapX: 34, gapY: 20 }

/** The graph of the job, from left to right; on a narrow screen one below the other. */
export function Graph({ graph, figures }: { readonly graph: GraphView; readonly figures: Figures }) {
  const { nodes, edges } = graph
  const [room, measured] = useWidth()
  const columns = Math.max(...nodes.map(({ column }) => column)) + 1
  const fitting = Math.floor((room + sizes.gapX) / columns) - sizes.gapX
  const boxWidth = Math.min(sizes.most, Math.max(sizes.least, fitting))
  const width = columns * (boxWidth + sizes.gapX) - sizes.gapX
  const height = (Math.max(...nodes.map(({ row }) => row)) + 1) * (sizes.height + sizes.gapY) - sizes.gapY
  const placeOf = ({ column, row }: NodeView): Place => ({
    ...{ x: column * (boxWidth + sizes.gapX), y: row * (sizes.height + sizes.gapY) },
    ...{ width: boxWidth, height: sizes.height },
  })
  const named = (name: string): Place | undefined => nodes.filter((node) => node.name === name).map(placeOf)[0]
  return (
    <section class="card" aria-labelledby="graph">
      <h2 id="graph">Pipeline</h2>
      <div ref={measured}>
        <Scroller class="scroller" label="Graph of the job; the table below says the same">
          <div class="graph" style={{ '--width': `${width}px`, '--height': `${height}px` }}>
            <svg class="ways" width={width} height={height} aria-hidden="true">
              {edges.map((edge) => (
                <path
                  key={`${edge.from} ${edge.to} ${edge.side}`}
                  d={curve(named(edge.from), named(edge.to))}
                  class={wayClass(edge, figures)}
                />
              ))}
            </svg>
            {nodes.map((node) => (
              <NodeBox
                key={node.name}
                node={node}
                place={placeOf(node)}
                figures={figures.nodes[node.name]}
                before={edges.filter(({ to }) => to === node.name).map(({ from }) => from)}
              />
            ))}
          </div>
        </Scroller>
      </div>
    </section>
  )
}

interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Width of an element, px, whenever it changes. */
function useWidth() {
  const [width, setWidth] = useState(1_200)
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const { current } = element
    if (current === null) return
    const measure = (): void => setWidth(current.clientWidth - 4)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return [width, element] as const
}

function curve(a: Place | undefined, b: Place | undefined): string {
  if (a === undefined || b === undefined) return ''
  const [x1, y1, x2, y2] = [a.x + a.width, a.y + a.height / 2, b.x, b.y + b.height / 2]
  const middle = (x1 + x2) / 2
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`
}

/** Moves while records pass, unless motion is not wanted. */
function wayClass({ from, side }: GraphView['edges'][number], { nodes }: Figures): string {
  const flows = (nodes[from]?.rate ?? 0) > 0
  return ['way', side ? 'side' : '', flows ? 'flows' : ''].join(' ').trim()
}

interface NodeBoxProps {
  readonly node: NodeView
  readonly place: Place
  readonly figures: NodeFigures | undefined
  readonly before: readonly string[]
}

function NodeBox({ node, place: { x, y, width, height }, figures, before }: NodeBoxProps) {
  const { name, kind, role, state } = node
  const [title, prefix] = role === 'operator' ? [name, null] : parted(name)
  // Others have the same one; the table has all.
  const tellsTime = role === 'source' || state
  const held = role === 'source' || role === 'repartition' ? (figures?.blocked ?? null) : (figures?.pressure ?? null)
  return (
    <div
      class={`node ${role}`}
      data-node={name}
      style={{ '--x': `${x}px`, '--y': `${y}px`, '--width': `${width}px`, '--height': `${height}px` }}
    >
      <p class="name">
        <b title={name}>{title}</b>
      </p>
      <p class="kind">
        <span>{prefix ?? kind}</span>
        {state && figures?.stateEntries != null && <span>{count(figures.stateEntries)} entries</span>}
      </p>
      {before.length > 0 && <p class="from">from {before.join(', ')}</p>}
      <p class="rate">
        <b>{count(figures?.rate ?? null)}</b>
        <small>/s</small>
        <span class="more">{more(node, figures)}</span>
      </p>
      <p class="detail">
        {tellsTime && figures?.watermarkDelay != null && <span>watermark −{duration(figures.watermarkDelay)}</span>}
        {figures?.inFlight != null && figures.inFlight > 0 && <span>{count(figures.inFlight)} in flight</span>}
      </p>
      <Pressure share={held} word={role === 'source' || role === 'repartition' ? 'waiting' : 'holding up'} />
    </div>
  )
}

/** The id of a source or sink is often its kind and its topic: the topic is what tells them apart. */
function parted(name: string): readonly [title: string, prefix: string | null] {
  const at = name.indexOf(':')
  return at < 1 || at === name.length - 1 ? [name, null] : [name.slice(at + 1), name.slice(0, at)]
}

function more({ role }: NodeView, figures: NodeFigures | undefined): string {
  if (figures === undefined) return ''
  if (figures.lag !== null) return `lag ${count(figures.lag)}`
  return role === 'sink' && figures.bytesRate !== null ? `${bytes(figures.bytesRate)}/s` : ''
}

/** Back-pressure: the share of the time for which sources wait. */
function Pressure({ share, word }: { readonly share: number | null; readonly word: string }) {
  const tone = share === null || share < 0.1 ? 'calm' : share < 0.5 ? 'warn' : 'bad'
  return (
    <div class={`pressure ${tone}`}>
      <Bar share={share ?? 0} />
      <span>{share === null ? '' : `${word} ${percent(share)}`}</span>
    </div>
  )
}
