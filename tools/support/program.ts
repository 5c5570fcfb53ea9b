/** A program as a child process, as a user would run it: started, watched, stopped, killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { endGuard } from '../broker/endGuard.ts'

const uppercase = join(import.meta.dirname, '../../examples/program/uppercase.ts')

export interface Program {
  readonly pid: number
  /** What it has said so far, stdout and stderr. */
  readonly said: string
  /** Resolves once it has said this, not counting its first `after` characters; rejects if it ends before. */
  untilSaid(what: RegExp, after?: number): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** It has not ended; it may be stopped. */
  readonly alive: boolean
  kill(): Promise<void>
}

/**
 * @param main its file, of TypeScript or JavaScript
 * @param command in front of node: a program that becomes it, such as `ip netns exec`
 */
export function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  main = uppercase,
  command: readonly string[] = [],
): Program {
  const compiled = main.endsWith('.ts') ? ['--conditions=rxweft-source', '--import', 'tsx'] : []
  const node = [process.execPath, ...compiled, main]
  const [program, ...rest] = [...command, ...node, ...args] as [string, ...string[]]
  const child = spawn(program, rest, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const watchers = new Set<() => void>()
  let said = ''
  let alive = true
  const listen = (stream: Readable): void => {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      for (const watch of watchers) watch()
    })
  }
  listen(child.stdout)
  listen(child.stderr)
  // Nothing must outlive the tests, however they end.
  const guard = endGuard('kill -9 "$1"', [String(child.pid)])
  child.once('exit', guard.dismiss)
  const ended = once(child, 'close').then(([code, signal]) => {
    alive = false
    return (code ?? signal) as number | NodeJS.Signals
  })

  return {
    pid: child.pid as number,
    get said() {
      return said
    },
    get alive() {
      return alive
    },
    untilSaid(what, after = 0) {
      return new Promise((resolve, reject) => {
        const watch = (): void => {
          if (!what.test(said.slice(after))) return
          watchers.delete(watch)
          resolve()
        }
        watchers.add(watch)
        watch()
        ended.then((how) => reject(new Error(`the program ended with ${how} and had not said ${what}:\n${said}`)))
      })
    },
    signal: (signal) => void child.kill(signal),
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
