/** Tells on stdout what a job does, a line an event; checkpoints only where asked for. */
import type { JobEvent, JobHandle } from 'rxweft'

export function narrate(job: JobHandle, say: (line: string) => void = console.log): void {
  job.events$.subscribe((event) => {
    const line = describe(event)
    if (line !== null) say(line)
  })
}

function describe(event: JobEvent): string | null {
  switch (event.type) {
    case 'started':
      return 'started'
    case 'restored':
      return event.checkpoint === 0 ? 'no checkpoint yet: reading from the start' : `restored checkpoint ${event.checkpoint}`
    case 'restarting':
      return `restarting in ${event.delay} ms: ${event.error.message}`
    case 'checkpoint-failed':
      return `checkpoint ${event.checkpoint} failed: ${event.error.message}`
    case 'cleanup-failed':
      return `old snapshots could not be removed: ${event.error.message}`
    case 'failed':
      return `failed: ${event.error.message}`
    case 'finished':
    case 'stopped':
    case 'cancelled':
      return `${event.type} at checkpoint ${event.checkpoint}`
    default:
      return null
  }
}
