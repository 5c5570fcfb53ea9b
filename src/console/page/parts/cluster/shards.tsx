import type { ClusterShard } from '../../../view'
import { ago, bytes, count } from '../../format'
import { Moment } from '../moment'
import { Scroller } from '../scroller'

interface Props {
  readonly shards: readonly ClusterShard[]
  readonly now: number
  /** Whether the job has a plan, and so somebody who says what a shard does. */
  readonly planned: boolean
}

export function Shards({ shards, now, planned }: Props) {
  return (
    <section class="card" aria-labelledby="shards">
      <h2 id="shards">Shards</h2>
      <Scroller class="scroller" label="Table of shards">
        <table class="operators">
          <thead>
            <tr>
              <th scope="col">Shard</th>
              <th scope="col">Owner</th>
              {planned && <th scope="col">Does</th>}
              <th scope="col">Checkpoint</th>
              <th scope="col">Committed</th>
              <th scope="col">Lag</th>
              <th scope="col">Snapshot</th>
            </tr>
          </thead>
          <tbody>
            {shards.map((one) => (
              <Row key={one.shard} one={one} now={now} planned={planned} />
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  )
}

function Row({ one, now, planned }: { readonly one: ClusterShard; readonly now: number; readonly planned: boolean }) {
  const { shard, owner, planned: next, state, checkpoint, committedAt, lag, bytes: size, error } = one
  return (
    <tr data-shard={shard} data-checkpoint={checkpoint ?? ''}>
      <th scope="row">{shard}</th>
      <td>
        {owner === null ? '–' : short(owner)}
        {next !== null && next !== owner && <small> → {short(next)}</small>}
      </td>
      {planned && (
        <td>
          {state}
          {error !== null && (
            <p class="hint">
              <b>{error.code}</b> {error.message}
            </p>
          )}
        </td>
      )}
      <td>{count(checkpoint)}</td>
      <td>{committedAt === null ? '–' : <Moment at={committedAt}>{ago(committedAt, now)}</Moment>}</td>
      <td>{count(lag)}</td>
      <td>{bytes(size)}</td>
    </tr>
  )
}

/** An instance is shown as it is, a random id by its beginning. */
function short(name: string): string {
  return /^[0-9a-f-]{32,}$/.test(name) ? name.slice(0, 8) : name
}
