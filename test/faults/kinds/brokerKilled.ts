/**
 * SIGKILL for the broker, and a new start: while the job is at one step of the checkpoint protocol,
 * and at random moments.
 */
import { type Fault, steps } from '../fault.ts'
import { held } from '../held.ts'
import { between } from '../seededRandom.ts'

const atRandom: Fault = {
  name: 'broker killed at random',
  short: 1,
  async inject(site) {
    await site.running()
    await site.lines.feed(between(site.random, 0, 2_000))
    await site.arena.broker.restart()
  },
}

/** The job finds out, and tries again and again, while the broker is not there. */
function atStep(step: string): Fault {
  return {
    name: `broker killed at the step ${step}`,
    ...(step === 'prepared' || step === 'ending' ? { short: 1 } : {}),
    async inject(site) {
      const { broker } = site.arena
      const program = await held(site, step)
      await broker.kill()
      program.signal('SIGCONT')
      await broker.restart()
    },
  }
}

export const brokerKilled: readonly Fault[] = [atRandom, ...steps.map(atStep)]
