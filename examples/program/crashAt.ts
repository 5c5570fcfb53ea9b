/** For demonstrations and tests: sends this very process a signal at a step of the checkpoint protocol, with no chance to clean up. */
import type { Probe } from 'rxweft'

/**
 * @param spec "step:count", e.g. "ending:2": SIGKILL the second time that this process passes the step; undefined: never.
 *   "ending:2:SIGSTOP" holds it exactly there, until it gets a SIGCONT.
 */
export function crashAt(spec: string | undefined): Probe {
  const [step, count = '1', signal = 'SIGKILL'] = spec?.split(':') ?? []
  let left = Number(count)
  return (passed) => {
    if (passed !== step) return
    left -= 1
    if (left !== 0) return
    if (signal !== 'SIGKILL') console.log(`${signal} at step ${step}`)
    process.kill(process.pid, signal)
  }
}
