/**
 * Cleans up after this process however it ends, even by SIGKILL, which no handler could catch.
 *
 *   this process --pipe--> sh: read (nothing ever comes, until the pipe breaks); then the clean-up
 *
 * The guard has its own process group, so that Ctrl-C does not end it before its work.
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

export interface EndGuard {
  /** Cancels the clean-up: it has been done. */
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
