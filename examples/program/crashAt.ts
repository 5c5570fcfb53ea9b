/** For demonstrations: SIGKILLs this very process at a step of the checkpoint protocol, with no chance to clean up. */
import type { Probe } from 'rxweft'

/** @param spec "step:count", e.g. "ending:2": the second time that this process passes the step; undefined: never. */
export function crashAt(spec: string | undefined): Probe {
  const [step, count = '1'] = spec?.split(':') ?? []
  let left = Number(count)
  return (passed) => {
    if (passed !== step) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  }
}
