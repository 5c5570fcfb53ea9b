/** A job in a file of its own. */
import { defineJob, type Job, memorySink, memorySource, to } from 'rxweft'

export const job: Job = defineJob('uppercase', ({ from }) =>
  from(memorySource<string>()).pipe(to(memorySink<string>())),
)
