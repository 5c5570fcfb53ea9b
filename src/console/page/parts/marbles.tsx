import type { CheckpointView, GraphView, Marbles, NodeView } from '../../view'
import { count, duration } from '../format'

/** Height of a lane, px, and how many are shown. */
const lane = 30
const mostLanes = 24

interface Props {
  readonly graph: GraphView
  readonly marbles: Marbles
  readonly checkpoints: readonly CheckpointView[]
}

/** What has passed each node in the last seconds: records by number, watermarks, barriers. */
export function MarbleLanes({ graph, marbles, checkpoints }: Props) {
  const nodes = graph.nodes.slice(0, mostLanes)
  const end = marbles.times.at(-1) ?? 0
  const begin = end - marbles.span
  const within = checkpoints.filter((one) => end > 0 && one.triggered >= begin)
  const x = (at: number): string => `${(((at - begin) / marbles.span) * 100).toFixed(2)}%`
  return (
    <section class="card" aria-labelledby="marbles">
      <h2 id="marbles">Marbles of the last {duration(marbles.span)}</h2>
      <div class="lanes">
        {nodes.map((node) => (
          <Lane key={node.name} {...{ node, marbles, x }} barriers={within.flatMap((one) => barrierAt(one, node))} />
        ))}
        <p class="axis quiet" aria-hidden="true">
          <span>{duration(marbles.span)} ago</span>
          <span>now</span>
        </p>
      </div>
      <ul class="legend" aria-hidden="true">
        <li class="records">records, the more the larger</li>
        <li class="watermark">watermark moves</li>
        <li class="barrier">barrier: leaves a source, has flushed the sinks</li>
      </ul>
    </section>
  )
}

/**
 * When a barrier was at a node, as far as it is known: it leaves all sources at once, and has passed
 * all sinks at the end of its first phase.
 */
function barrierAt({ triggered, phases, outcome }: CheckpointView, { role }: NodeView) {
  if (role === 'source' || role === 'repartition') return [{ at: triggered, failed: outcome === 'failed' }]
  return role === 'sink' && phases !== null ? [{ at: triggered + phases.barrier, failed: false }] : []
}

interface LaneProps {
  readonly node: NodeView
  readonly marbles: Marbles
  readonly barriers: readonly { readonly at: number; readonly failed: boolean }[]
  readonly x: (at: number) => string
}

function Lane({ node: { name }, marbles, barriers, x }: LaneProps) {
  const counts = marbles.records[name] ?? []
  const moved = marbles.watermarks[name] ?? []
  const sum = counts.reduce((all, one) => all + Math.max(0, one), 0)
  const said = `${name}: ${count(sum)} records, ${barriers.length} barriers${moved.includes(true) ? ', the watermark moves' : ''}`
  const width =
    marbles.times.length > 1 ? ((marbles.times.at(-1) ?? 0) - (marbles.times[0] ?? 0)) / (marbles.times.length - 1) : 0
  return (
    <div class="lane">
      <span class="name" title={name}>
        {name}
      </span>
      <svg height={lane} role="img" aria-label={said}>
        <line class="thread" x1="0" x2="100%" y1={lane / 2} y2={lane / 2} />
        {barriers.map(({ at, failed }) => (
          <line key={at} class={failed ? 'barrier failed' : 'barrier'} x1={x(at)} x2={x(at)} y1="2" y2={lane - 2} />
        ))}
        {counts.map((records, slot) =>
          records > 0 ? (
            <circle
              key={marbles.times[slot]}
              class="record"
              cx={x((marbles.times[slot] ?? 0) - width / 2)}
              cy={lane / 2}
              r={radius(records)}
            />
          ) : null,
        )}
        {moved.map((has, slot) =>
          has ? (
            <svg
              key={marbles.times[slot]}
              x={x((marbles.times[slot] ?? 0) - width / 2)}
              y={lane - 6}
              overflow="visible"
              aria-hidden="true"
            >
              <path class="watermark" d="M-3.2 5.5 0 .5l3.2 5z" />
            </svg>
          ) : null,
        )}
      </svg>
      <span class="sum">{count(sum)}</span>
    </div>
  )
}

/** One record is small; a hundred thousand are not huge. */
function radius(records: number): number {
  return Math.min(8, 2 + Math.log10(records) * 1.25)
}
