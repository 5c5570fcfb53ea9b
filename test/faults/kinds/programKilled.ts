/** SIGKILL for the program: at each step of the checkpoint protocol, and at random moments. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Fault, steps } from '../fault.ts'
import { between } from '../seededRandom.ts'

/** Whether it is just starting, restoring, or has been running for a while. */
const atRandom: Fault = {
  name: 'SIGKILL at random',
  short: 2,
  async inject({ lines, copies, random }) {
    await copies.kill()
    const program = copies.start()
    const commits = between(random, 0, 3)
    const started =
      random() < 0.3 ? /started/ : new RegExp(`(restored|reading)(.*\n)+(.*committed.*\n){${commits}}|reading from`)
    await lines.feedUntil(program.untilSaid(started))
    await lines.feedUntil(pause(between(random, 0, 300)))
    await program.kill()
  },
}

function atStep(step: string): Fault {
  return {
    name: `SIGKILL at the step ${step}`,
    short: 1,
    async inject({ lines, copies, random }) {
      await copies.kill()
      const program = copies.start([], { RXWEFT_CRASH_AT: `${step}:${between(random, 2, 4)}` })
      await lines.feedUntil(program.ended)
      if ((await program.ended) !== 'SIGKILL') throw new Error(`it was to be killed at ${step}:\n${program.said}`)
    },
  }
}

export const programKilled: readonly Fault[] = [atRandom, ...steps.map(atStep)]
