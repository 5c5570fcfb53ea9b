/** The job under watch as a child process. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Told } from './job.ts'

export interface Watched {
  ask(): Promise<Told>
  /** A final checkpoint, then the end. */
  stop(): Promise<void>
}

export function watched(args: readonly string[]): Watched {
  const child = fork(join(import.meta.dirname, 'job.ts'), args, {
    execArgv: ['--expose-gc', '--conditions=rxweft-source', '--import', 'tsx'],
  })
  // It ends by itself when this process does: its channel is gone then.
  const ended = once(child, 'exit').then(([code, signal]) => String(signal ?? code))
  return {
    async ask() {
      child.send('tell')
      const answer = once(child, 'message').then(([told]) => told as Told)
      const early = ended.then((how) => Promise.reject(new Error(`the job has ended with ${how}`)))
      return Promise.race([answer, early])
    },
    async stop() {
      child.kill('SIGTERM')
      const how = await ended
      if (how !== '0') throw new Error(`the job was to stop, and ended with ${how}`)
    },
  }
}
