import type { JobView, State } from '../../view'
import { ago } from '../format'
import { Mark } from './mark'
import { Moment } from './moment'
import { Steering } from './steering'

const words: Readonly<Record<State, string>> = {
  starting: 'Starting',
  running: 'Running',
  idle: 'Running, idle',
  restarting: 'Restarting',
  stopping: 'Stopping',
  down: 'Process down',
  ended: 'Ended',
  failed: 'Failed',
}

/** Name and state of the job, and what can be done with it. */
export function Top({ job, now, usable }: { readonly job: JobView; readonly now: number; readonly usable: boolean }) {
  const { status, health } = job
  const text = status.state === 'ended' ? `Ended: ${status.outcome}` : words[status.state]
  const ended = status.state === 'ended' || status.state === 'failed' || status.state === 'down'
  return (
    <header class="top">
      <div class="title">
        <Mark />
        <h1>{job.name}</h1>
        <span class={`pill ${status.state}`} data-state={status.state}>
          <i aria-hidden="true" />
          {text}
        </span>
      </div>
      <p class="quiet state-line">
        <Moment at={status.since}>{ago(status.since, now)}</Moment>
        {!ended && <span>{health.ready ? 'Ready' : 'Not ready'}</span>}
        {!ended && !health.live && <span>not live</span>}
        {status.shards.all > 1 && (
          <span>
            {status.shards.running} of {status.shards.all} shards run
          </span>
        )}
      </p>
      <Steering job={job} usable={usable && !ended} />
      <p class="unseen" role="status">
        {`Job ${job.name}: ${text}`}
      </p>
    </header>
  )
}
