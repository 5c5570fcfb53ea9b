/** The processes of the job, each on a machine of its own if there are machines: started, killed, frozen, restarted. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Program, startProgram } from '../../tools/support/program.ts'

export type WorkerState = 'down' | 'running' | 'frozen'

export interface Worker {
  readonly name: string
  readonly state: WorkerState
  /** Its exit code or signal, should it have ended by itself. */
  readonly failure: string | null
  start(): void
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM; resolves when it has ended, with its exit code or signal. SIGKILL if it does not within a minute. */
  leave(): Promise<number | NodeJS.Signals>
  /** SIGSTOP. */
  freeze(): void
  /** SIGCONT. */
  wake(): void
  /** The last lines that it has said. */
  said(): string
  /** All that its starts have said. */
  readonly history: string
}

export interface WorkerOptions {
  /** File of its program. */
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  /** In front of node. */
  readonly command: readonly string[]
}

/** ms */
const patience = 60_000

export function worker(name: string, { program: file, env, command }: WorkerOptions): Worker {
  let program: Program | null = null
  let state: WorkerState = 'down'
  let earlier = ''
  /** Asked to end. */
  let ending = false

  async function kill(): Promise<void> {
    ending = true
    await program?.kill()
    state = 'down'
  }

  return {
    name,
    get state() {
      return state
    },
    get failure() {
      return ending || program === null || program.alive ? null : `${name} has ended by itself`
    },
    start() {
      earlier += program?.said ?? ''
      program = startProgram([], { ...env, INSTANCE: name }, file, command)
      ending = false
      state = 'running'
    },
    kill,
    async leave() {
      ending = true
      program?.signal('SIGTERM')
      const how = await Promise.race([program?.ended, pause(patience, undefined, { ref: false })])
      await kill()
      return how ?? 'SIGKILL'
    },
    freeze() {
      program?.signal('SIGSTOP')
      state = 'frozen'
    },
    wake() {
      program?.signal('SIGCONT')
      state = 'running'
    },
    said: () => (program?.said ?? '').trimEnd().split('\n').slice(-12).join('\n'),
    get history() {
      return earlier + (program?.said ?? '')
    },
  }
}
