/** One run of a broker's JVM, until it exits or is signalled. It never outlives this process. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { endGuard } from './endGuard.ts'

export interface BrokerProcess {
  readonly pid: number
  /** null while it runs, then its exit code or signal. */
  readonly ended: string | null
  /** Resolves when it is gone. */
  readonly gone: Promise<void>
  /** SIGTERM, SIGSTOP or SIGCONT. */
  signal(signal: NodeJS.Signals): void
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

/** A killed JVM may still write for a moment, which would keep the folder from being removed. */
const cleanUp = 'kill -9 "$1"; for _ in 1 2 3 4 5; do kill -0 "$1" || break; sleep 0.2; done; rm -rf "$2"'

/**
 * @param folder goes with the process, should this one end
 * @param log what the JVM prints is appended to this file
 * @param command in front of `java`: a program that becomes it, such as `ip netns exec`
 */
export async function brokerProcess(
  args: readonly string[],
  folder: string,
  log: string,
  command: readonly string[] = [],
): Promise<BrokerProcess> {
  const file = await open(log, 'a')
  const [program, ...rest] = [...command, 'java', ...args] as [string, ...string[]]
  const child = spawn(program, rest, { stdio: ['ignore', file.fd, file.fd] })
  const exit = once(child, 'exit')
  try {
    await once(child, 'spawn')
  } finally {
    await file.close()
  }
  const pid = child.pid as number
  const guard = endGuard(cleanUp, [String(pid), folder])
  let ended: string | null = null
  const gone = exit.then(([code, signal]) => {
    ended = String(signal ?? code)
    guard.dismiss()
  })
  return {
    pid,
    gone,
    get ended() {
      return ended
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
