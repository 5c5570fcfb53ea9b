import type { Commit } from '../../../view'
import { bytes } from '../../format'
import { ClockMoment } from '../moment'
import { Scroller } from '../scroller'

interface Props {
  readonly commits: readonly Commit[]
  readonly now: number
  readonly several: boolean
}

/** Checkpoints that readings have found. */
export function Commits({ commits, now, several }: Props) {
  return (
    <section class="card" aria-labelledby="checkpoints">
      <h2 id="checkpoints">Checkpoints</h2>
      <Scroller class="list" label="Table of checkpoints">
        <table>
          <thead>
            <tr>
              <th scope="col">No.</th>
              <th scope="col">Committed</th>
              <th scope="col">Size</th>
            </tr>
          </thead>
          <tbody>
            {[...commits].reverse().map(({ shard, number, at, bytes: size }) => (
              <tr key={`${shard} ${number} ${at}`} class="committed" data-checkpoint={number}>
                <th scope="row">
                  {number}
                  {several && <small> shard {shard}</small>}
                </th>
                <td>{at === null ? '–' : <ClockMoment at={at} now={now} />}</td>
                <td>{bytes(size)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {commits.length === 0 && <p class="quiet">None yet.</p>}
        <p class="hint">
          Those that were the newest of their shard when the cluster was read; failed ones leave no trace.
        </p>
      </Scroller>
    </section>
  )
}
