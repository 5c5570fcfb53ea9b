/**
 * Lets one fault happen to a site, and measures the time until the next commit, and the longest
 * silence before it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { toError } from '../../src/errors.ts'
import type { ClusterFault } from './fault.ts'
import type { ClusterSite } from './site.ts'

export interface Cost {
  /** From the end of the fault to the next commit, ms. */
  readonly recovery: number
  /** The longest time without a commit, from the beginning of the fault to that commit, ms. */
  readonly silence: number
  /** Attempts that have ended. */
  readonly restarts: number
}

/** @param limit ms; then it rejects, and tells what the job has said */
export async function strikeCluster(fault: ClusterFault, site: ClusterSite, limit = 400_000): Promise<Cost> {
  const { job } = site
  const timer = new AbortController()
  const tooLong = pause(limit, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`not over after ${limit / 1000} s`)
  })
  tooLong.catch(() => undefined)

  async function happen(): Promise<Cost> {
    if (!job.alive) job.start()
    // One fault at a time: of the one before there is nothing left.
    while (!(await site.roles.allInSync().catch(() => false))) await pause(100)
    await job.commitAfter(Date.now())
    await site.strangerAborts()
    const [from, before] = [Date.now(), job.restarts()]
    await fault.inject(site)
    const healed = Date.now()
    const next = await job.commitAfter(healed)
    const times = [from, ...job.commits().filter((time) => time >= from && time <= next)]
    const gaps = times.map((time, at) => time - (times[at - 1] ?? time))
    return { recovery: next - healed, silence: Math.max(...gaps), restarts: job.restarts() - before }
  }

  try {
    return await Promise.race([happen(), tooLong])
  } catch (thrown) {
    await site.cluster.heal()
    const error = toError(thrown)
    throw new Error(`${fault.name}: ${error.message}\n${job.said()}`, { cause: error })
  } finally {
    timer.abort()
  }
}
