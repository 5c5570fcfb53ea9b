import type { Figures, GraphView } from '../../view'
import { bytes, count, duration, percent } from '../format'
import { Scroller } from './scroller'

/** The same as the graph and more, as a table. */
export function Operators({ graph, figures }: { readonly graph: GraphView; readonly figures: Figures }) {
  const others = figures.others.map((name) => ({ name, kind: 'second run of a branch without share()', state: false }))
  const rows = [...graph.nodes, ...others]
  return (
    <section class="card" aria-labelledby="operators">
      <h2 id="operators">Sources, operators, sinks</h2>
      <Scroller class="scroller" label="Table of sources, operators and sinks">
        <table class="operators">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Records/s</th>
              <th scope="col">Lag</th>
              <th scope="col">Watermark</th>
              <th scope="col" title="Share of the time for which sources wait for it; of a source: for which it waits">
                Back-pressure
              </th>
              <th scope="col">In flight</th>
              <th scope="col">Barrier held</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, kind, state }) => {
              const of = figures.nodes[name]
              return (
                <tr key={name} data-operator={name}>
                  <th scope="row">
                    {name} {kind !== name && <small>{kind}</small>}
                  </th>
                  <td>{count(of?.rate ?? null)}</td>
                  <td>{count(of?.lag ?? null)}</td>
                  <td>{of?.watermarkDelay == null ? '–' : `−${duration(of.watermarkDelay)}`}</td>
                  <td>{percent(of?.pressure ?? of?.blocked ?? null)}</td>
                  <td>{count(of?.inFlight ?? null)}</td>
                  <td>{duration(of?.barrier ?? null)}</td>
                  <td>
                    {of?.stateEntries == null
                      ? state
                        ? 'yes'
                        : '–'
                      : `${count(of.stateEntries)} · ${bytes(of.stateBytes)}`}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </Scroller>
    </section>
  )
}
