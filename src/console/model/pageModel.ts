/** Everything that the page shows, kept up to date from events and readings of metrics. */
import { layout } from '../../job/graph/layout.ts'
import type { Subject, WatchedEvent } from '../subject.ts'
import type { GraphView, View } from '../view.ts'
import { asideList } from './asideList.ts'
import { checkpointList } from './checkpointList.ts'
import { figuresOf, noFigures, type Reading } from './figures.ts'
import { incidentList } from './incidentList.ts'
import { statusWatch } from './jobStatus.ts'
import { marbleTrack } from './marbleTrack.ts'

export type Part = keyof View

export interface PageModel {
  /** Returns the parts that an event has changed. */
  tell(event: WatchedEvent, now: number): readonly Part[]
  /** Returns the parts that a reading has changed. */
  read(reading: Reading): readonly Part[]
  /** Nobody looks, so nothing is read for a while. */
  pause(): void
  /** Whether somebody has asked for the end. */
  stopping(asked: boolean): void
  part<P extends Part>(part: P): View[P]
}

/** Rates are those of about this long, ms. */
const rateWindow = 2_000

export function pageModel(subject: Subject, since: number): PageModel {
  const checkpoints = checkpointList()
  const incidents = incidentList()
  const aside = asideList()
  const status = statusWatch(since)
  const marbles = marbleTrack(subject.graph)
  const graph = graphView(subject)
  let readings: readonly Reading[] = []
  let figures = noFigures

  const parts: { readonly [P in Part]: () => View[P] } = {
    job: () => ({
      ...{ name: subject.name, status: status.now, health: subject.health(), since, restarts: incidents.restarts },
      can: { stop: subject.stop !== undefined, savepoint: subject.savepoint !== undefined },
    }),
    graph: () => graph,
    figures: () => figures,
    checkpoints: () => checkpoints.all,
    incidents: () => incidents.all,
    aside: () => aside.all,
    marbles: () => marbles.now,
  }

  return {
    tell(event, now) {
      const inStatus = status.tell(event, now)
      const inIncidents = incidents.tell(event, now)
      const changed: readonly [Part, boolean][] = [
        ['job', inStatus || inIncidents],
        ['incidents', inIncidents],
        ['checkpoints', checkpoints.tell(event, now)],
        ['aside', aside.tell(event)],
      ]
      return changed.flatMap(([part, has]) => (has ? [part] : []))
    },
    read(reading) {
      readings = [...readings.filter(({ at }) => reading.at - at <= rateWindow), reading]
      const [first] = readings
      figures = figuresOf(subject.graph, reading, first === reading ? null : (first ?? null))
      marbles.add(reading)
      aside.read(reading)
      return ['job', 'figures', 'marbles', 'aside']
    },
    pause() {
      readings = []
      marbles.clear()
    },
    stopping: status.stopping,
    part: (part) => parts[part](),
  }
}

/** Dead letters have no way that leads to them: they stand at the end, below the others. */
function graphView({ graph }: Subject): GraphView {
  const apart = (name: string): boolean =>
    !graph.edges.some(({ from, to }) => from === name || to === name) && graph.nodes.length > 1
  const joined = graph.nodes.filter(({ name }) => !apart(name))
  const alone = graph.nodes.filter(({ name }) => apart(name))
  const places = layout({ ...graph, nodes: joined })
  const column = Math.max(0, ...places.map((place) => place.column))
  const below = Math.max(-1, ...places.flatMap((place) => (place.column === column ? [place.row] : []))) + 1
  const placeOf = (name: string) => places.find((place) => place.name === name) ?? { column: 0, row: 0 }
  const nodes = [
    ...joined.map((node) => ({ node, ...placeOf(node.name) })),
    ...alone.map((node, at) => ({ node, column, row: below + at })),
  ].map(({ node: { name, role, kind, state }, column, row }) => ({ name, role, kind, state, column, row }))
  return { nodes, edges: graph.edges }
}
