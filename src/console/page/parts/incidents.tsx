import type { Incident } from '../../view'
import { clockTime, duration } from '../format'
import { ClockMoment } from './moment'
import { Scroller } from './scroller'
import { ReasonText } from './why'

const words: Readonly<Record<Incident['kind'], string>> = {
  restart: 'Restart',
  failed: 'Job failed',
  process: 'Process ended',
  notice: 'Notice',
}

interface Props {
  readonly incidents: readonly Incident[]
  readonly now: number
  readonly since: number
}

/** Restarts with their cause, and what else an operator should know, the newest first. */
export function Incidents({ incidents, now, since }: Props) {
  return (
    <section class="card" aria-labelledby="incidents">
      <h2 id="incidents">Restarts and notices</h2>
      <Scroller class="list tall" label="List of restarts and notices">
        {incidents.length === 0 && <p class="quiet empty">None since {clockTime(since)}.</p>}
        <ol class="incidents" reversed>
          {[...incidents].reverse().map((one) => (
            <li key={one.id} class={one.kind} data-kind={one.kind}>
              <p>
                <b>{words[one.kind]}</b> <code>{one.reason.code}</code>
                {one.shard !== null && <small> shard {one.shard}</small>}
                <ClockMoment at={one.at} now={now} />
              </p>
              <div class="cause">
                <ReasonText reason={one.reason} />
              </div>
              {(one.kind === 'restart' || one.kind === 'process') && (
                <p class={one.resumed === null ? 'quiet' : 'good'}>
                  {one.resumed === null
                    ? 'Not yet running again'
                    : `Running again after ${duration(one.resumed.at - one.at)}, from checkpoint ${one.resumed.checkpoint}`}
                </p>
              )}
            </li>
          ))}
        </ol>
      </Scroller>
    </section>
  )
}
