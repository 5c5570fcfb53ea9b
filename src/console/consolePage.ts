import type { JobHandle } from '../job/jobHandle.ts'
import { shardHere } from '../job/shards/worker/shardWorker.ts'
import { jobOf } from '../job/startedJobs.ts'
import { type ConsoleOptions, checkConsole } from './consoleOptions.ts'
import { type ConsolePage, servePage } from './servePage.ts'
import { shownJob } from './shownJob.ts'
import { subjectOf } from './subject.ts'

export type { ConsoleOptions } from './consoleOptions.ts'
export type { ConsolePage } from './servePage.ts'

/**
 * Serves a page that shows a running job and steers it: graph with rates, lag, watermarks and
 * back-pressure; checkpoints with their phases; restarts with their cause; state; records set
 * aside; buttons to stop the job and to take a savepoint. Resolves once the page can be opened.
 *
 * ```ts
 * const job = execute(orders, { storage: fileStorage('/var/lib/orders') })
 * const { url } = await consolePage(job, { port: 4600 })
 * ```
 *
 * It never shows a record, key or value. It does not keep the process alive, and reads metrics only
 * while somebody looks. In the thread of a shard it never resolves: the main thread serves it.
 * Rejects with Retriable CONSOLE_NOT_LISTENING if the port cannot be used.
 *
 * @throws BAD_OPTION if an option is wrong, or if other machines can reach `host` without a `token`
 * @throws CONSOLE_FILES_MISSING if the files of the page are not beside its module
 */
export async function consolePage(job: JobHandle, options: ConsoleOptions): Promise<ConsolePage> {
  checkConsole('consolePage', options)
  if (shardHere() !== null && jobOf(job) === undefined) return new Promise(() => undefined)
  return servePage(shownJob(subjectOf(job)), options)
}
