/**
 * Cleans up after this process, however it ends: a SIGKILL too, for which no handler could do it.
 *
 *   this process --pipe--> sh: read (nothing ever comes, until the pipe breaks); then the clean-up
 *
 * The guard is in a process group of its own, so that Ctrl-C does not end it before its work.
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

export interface EndGuard {
  /** No clean-up any more: it has been done. */
  dismiss(): void
}

/** @param script for sh; its $1, $2, ... are `parameters`. */
export function endGuard(script: string, parameters: readonly string[]): EndGuard {
  const guard = spawn('sh', ['-c', `read -r _\n${script}`, 'guard', ...parameters], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.unref()
  const pipe = guard.stdin as Socket
  pipe.unref()
  pipe.on('error', () => undefined)
  return {
    dismiss() {
      guard.kill('SIGKILL')
    },
  }
}
