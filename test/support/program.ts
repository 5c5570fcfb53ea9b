/** The uppercase program as a child process, as a user would run it: started, watched, stopped, killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

const main = join(import.meta.dirname, '../../examples/program/uppercase.ts')

export interface Program {
  readonly pid: number
  /** What it has said so far, stdout and stderr. */
  readonly said: string
  /** Resolves once it has said this; rejects if it ends before. */
  untilSaid(what: RegExp): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  kill(): Promise<void>
}

export function startProgram(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(process.execPath, ['--conditions=rxweft-source', '--import', 'tsx', main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const watchers = new Set<() => void>()
  let said = ''
  const listen = (stream: Readable): void => {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      for (const watch of watchers) watch()
    })
  }
  listen(child.stdout)
  listen(child.stderr)
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  // Nothing must outlive the tests.
  const atExit = (): void => void child.kill('SIGKILL')
  process.once('exit', atExit)
  ended.then(() => process.off('exit', atExit))

  return {
    pid: child.pid as number,
    get said() {
      return said
    },
    untilSaid(what) {
      return new Promise((resolve, reject) => {
        const watch = (): void => {
          if (!what.test(said)) return
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
