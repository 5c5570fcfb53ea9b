/** Lets one fault happen to a site, and measures how long the job takes to recover. */
import { toError } from '../../src/errors.ts'
import type { Fault } from './fault.ts'
import type { Site } from './site.ts'

/**
 * Resolves with the recovery, ms: from the end of the fault to the next checkpoint.
 *
 * @param limit ms; then it rejects, as it does where the job misbehaves, and tells what the copies have said.
 */
export async function strike(fault: Fault, site: Site, limit = 60_000): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${limit / 1000} s`)), limit)
  })
  try {
    return await Promise.race([fault.inject(site).then(site.recovery), tooLong])
  } catch (thrown) {
    // What it has left going must not disturb the verdict.
    site.arena.proxy.calm()
    await site.lines.halt()
    const error = toError(thrown)
    throw new Error(`${fault.name}: ${error.message}\n${site.copies.said}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}
