import type { CheckpointView } from '../../view'
import { bytes, clockTime, duration } from '../format'
import { ClockMoment } from './moment'
import { Scroller } from './scroller'
import { ReasonLine } from './why'

const words: Readonly<Record<CheckpointView['outcome'], string>> = {
  underway: 'in progress',
  committed: 'committed',
  failed: 'failed',
  lost: 'unknown',
}

interface Props {
  readonly checkpoints: readonly CheckpointView[]
  readonly now: number
}

/** Checkpoints as a timeline with their phases, and as a table. */
export function Checkpoints({ checkpoints, now }: Props) {
  const longest = Math.max(50, ...checkpoints.map((one) => lengthOf(one, now)))
  const failed = checkpoints.filter(({ outcome }) => outcome === 'failed').length
  const several = new Set(checkpoints.map(({ shard }) => shard)).size > 1
  return (
    <section class="card" aria-labelledby="checkpoints">
      <h2 id="checkpoints">Checkpoints</h2>
      <div
        class="timeline"
        role="img"
        aria-label={`The last ${checkpoints.length} checkpoints, ${failed} failed, the longest ${duration(longest)}`}
      >
        {checkpoints.map((one) => (
          <Column key={`${one.shard} ${one.number} ${one.triggered}`} one={one} longest={longest} now={now} />
        ))}
      </div>
      <ul class="legend" aria-hidden="true">
        <li class="barrier">barrier passes</li>
        <li class="store">snapshot stored</li>
        <li class="commit">committed</li>
        <li class="failed">failed</li>
      </ul>
      <Scroller class="list" label="Table of checkpoints">
        <table>
          <thead>
            <tr>
              <th scope="col">No.</th>
              <th scope="col">Triggered</th>
              <th scope="col">Outcome</th>
              <th scope="col">Took</th>
              <th scope="col">Size</th>
            </tr>
          </thead>
          <tbody>
            {[...checkpoints].reverse().map((one) => (
              <Row key={`${one.shard} ${one.number} ${one.triggered}`} one={one} now={now} several={several} />
            ))}
          </tbody>
        </table>
        {checkpoints.length === 0 && <p class="quiet">None yet.</p>}
      </Scroller>
    </section>
  )
}

function lengthOf({ duration, triggered, outcome }: CheckpointView, now: number): number {
  return duration ?? (outcome === 'underway' ? Math.max(0, now - triggered) : 0)
}

/** Height grows with the root, so that a long one does not hide the others. */
function Column({
  one,
  longest,
  now,
}: {
  readonly one: CheckpointView
  readonly longest: number
  readonly now: number
}) {
  const length = lengthOf(one, now)
  const height = `${Math.max(6, Math.round(Math.sqrt(length / longest) * 100))}%`
  const phases = one.phases
  const title = `No. ${one.number}, ${clockTime(one.triggered)}: ${words[one.outcome]}, ${duration(length)}`
  return (
    <div class={`column ${one.outcome}`} title={title}>
      <div class="stack" style={{ height }}>
        {phases !== null &&
          (['commit', 'store', 'barrier'] as const).map((phase) => (
            <i key={phase} class={`phase ${phase}`} style={{ flexGrow: Math.max(0, phases[phase]) + 0.001 }} />
          ))}
      </div>
    </div>
  )
}

function Row({ one, now, several }: { readonly one: CheckpointView; readonly now: number; readonly several: boolean }) {
  const { phases, holding, outcome, phase, reason } = one
  return (
    <tr class={outcome} data-checkpoint={one.number} data-outcome={outcome}>
      <th scope="row">
        {one.number}
        {several && <small> shard {one.shard}</small>}
      </th>
      <td>
        <ClockMoment at={one.triggered} now={now} />
      </td>
      <td>
        <span class={`outcome ${outcome}`}>
          {words[outcome]}
          {one.final && ', the last one'}
        </span>
        {phase !== null && (
          <small> {phase === 'barrier' ? 'barrier passes, snapshot is stored' : 'is being committed'}</small>
        )}
        {phases !== null && (
          <small>
            {' '}
            {duration(phases.barrier)} + {duration(phases.store)} + {duration(phases.commit)}
          </small>
        )}
        {holding.map(({ operator, what }) => (
          <p key={operator} class="hint">
            {operator} holds its barrier: {what}
          </p>
        ))}
        {reason !== null && (
          <p class="hint">
            <ReasonLine reason={reason} />
          </p>
        )}
      </td>
      <td>{duration(lengthOf(one, now))}</td>
      <td>{bytes(one.bytes)}</td>
    </tr>
  )
}
