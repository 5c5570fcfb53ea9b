/**
 * Prints the events of a job on stdout, one line each; successful checkpoints only if `verbose`.
 * Its failure is left to `done`.
 */
import type { JobEvent, JobHandle } from 'rxweft'

export function narrate(job: JobHandle, verbose: boolean): void {
  job.events$.subscribe((event) => {
    const line = describe(event) ?? (verbose ? describeCheckpoint(event) : null)
    if (line !== null) console.log(line)
  })
}

function describeCheckpoint(event: JobEvent): string | null {
  if (event.type !== 'checkpoint-committed') return null
  return `checkpoint ${event.checkpoint} committed in ${event.duration} ms`
}

function describe(event: JobEvent): string | null {
  switch (event.type) {
    case 'started':
      return 'started'
    case 'restored':
      return event.checkpoint === 0
        ? 'no checkpoint yet: reading from the start'
        : `restored checkpoint ${event.checkpoint}`
    case 'restarting':
      return `restarting in ${event.delay} ms: ${event.error.message}`
    case 'checkpoint-failed':
      return `checkpoint ${event.checkpoint} failed: ${event.error.message}`
    case 'cleanup-failed':
      return `old snapshots could not be removed: ${event.error.message}`
    case 'record-skipped':
      return `a record was skipped: ${event.error.message}`
    case 'bad-records':
      return `checkpoint ${event.checkpoint} left out ${event.skipped + event.deadLetters} records, ${event.deadLetters} of them dead letters`
    case 'partition-pinned':
      return `${event.topic}, partition ${event.partition}: an open transaction of producer ${event.producerId ?? 'unknown'} has held back all records from offset ${event.offset} on for ${event.duration} ms`
    case 'broker-unusable':
      return `${event.broker} is not used: ${event.error.message}`
    case 'partition-unavailable':
      return `${event.topic}, partition ${event.partition}: not readable for ${event.duration} ms: ${event.error.message}`
    case 'finished':
    case 'stopped':
    case 'cancelled':
      return `${event.type} at checkpoint ${event.checkpoint}`
    default:
      return null
  }
}
