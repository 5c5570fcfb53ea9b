import type { View } from '../../view'
import { bytes, count, duration, wholeSeconds } from '../format'
import { Figure } from './figure'

/** The figures that are looked at first. Each has its place, whether it is known or not. */
export function Summary({ view, now }: { readonly view: View; readonly now: number }) {
  const { figures, graph, checkpoints, job } = view
  const of = (role: string) =>
    graph.nodes.flatMap((node) => (node.role === role ? (figures.nodes[node.name] ?? []) : []))
  const total = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null)
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
  }
  const all = Object.values(figures.nodes)
  const delays = of('source').flatMap(({ watermarkDelay }) => watermarkDelay ?? [])
  const last = checkpoints.findLast(({ outcome }) => outcome === 'committed')
  const failed = checkpoints.filter(({ outcome }) => outcome === 'failed').length
  const age = last === undefined ? null : Math.max(0, now - last.triggered - (last.duration ?? 0))
  return (
    <section class="card summary" aria-label="Summary">
      <dl>
        <Figure name="Read" value={perSecond(total(of('source').map(({ rate }) => rate)))} unit="records" />
        <Figure name="Written" value={perSecond(total(of('sink').map(({ rate }) => rate)))} unit="records" />
        <Figure name="Lag" value={count(total(of('source').map(({ lag }) => lag)))} unit="records to read" />
        <Figure
          name="Watermark"
          value={delays.length === 0 ? '–' : duration(Math.max(...delays))}
          unit={delays.length === 0 ? 'no event time' : 'behind now'}
        />
        <Figure
          name="Last checkpoint"
          value={age === null ? '–' : wholeSeconds(age)}
          unit={last === undefined ? 'none yet' : `ago · no. ${last.number}, ${duration(last.duration)}`}
        />
        <Figure
          name="Restarts"
          value={count(job.restarts)}
          unit={failed === 0 ? 'no failed checkpoint' : `${failed} failed checkpoint${failed === 1 ? '' : 's'}`}
          tone={job.restarts > 0 || failed > 0 ? 'warn' : undefined}
        />
        <Figure
          name="State"
          value={bytes(total(all.map(({ stateBytes }) => stateBytes)))}
          unit={`${count(total(all.map(({ stateEntries }) => stateEntries)))} entries`}
        />
        <Figure name="Memory" value={bytes(figures.memory)} unit={`event loop ${duration(figures.loopDelay)} late`} />
      </dl>
    </section>
  )
}

function perSecond(rate: number | null): string {
  return rate === null ? '–' : `${count(rate)}/s`
}
