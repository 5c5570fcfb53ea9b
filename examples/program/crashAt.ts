/**
 * For demonstrations and tests: sends this process a signal at a step of the checkpoint protocol,
 * before it can clean up.
 */
import type { Probe } from 'rxweft'

/**
 * @param spec "step:count", such as "ending:2": SIGKILL when this process passes the step for the
 *   second time. "ending:2:SIGSTOP" stops it there until SIGCONT. Undefined: never
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
