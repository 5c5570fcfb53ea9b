/** A process of the job and its supervisor: it is started again whenever it ends by itself. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Program, startProgram } from '../../tools/support/program.ts'
import type { Given } from './program.ts'

export type ProcessState = 'down' | 'running' | 'frozen'

export interface JobProcess {
  readonly name: string
  readonly state: ProcessState
  /** Its program runs: before, nobody listens to SIGTERM. */
  readonly hasBegun: boolean
  /** How it has ended by itself, each time. */
  readonly endings: readonly string[]
  start(): void
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM, or SIGINT; resolves with its exit code, or with SIGKILL after a minute. */
  end(signal: 'SIGTERM' | 'SIGINT'): Promise<number | NodeJS.Signals>
  /** Resolves with its exit code once it ends for a reason of the job's, or with SIGKILL after a minute. */
  ended(): Promise<number | NodeJS.Signals>
  /** Sends it a signal that it has to act on by itself: its end is no fault. */
  ask(signal: 'SIGTERM'): void
  /** SIGSTOP. */
  freeze(): void
  /** SIGCONT. */
  wake(): void
  /** Leaves the program, frozen or not, to the caller: the next start is one more beside it. */
  abandon(): Program
  /** The last lines of all its programs. */
  said(lines?: number): string
}

/** ms */
const [patience, restartDelay] = [60_000, 300]

/** @param file of the program @param command in front of node */
export function jobProcess(name: string, file: string, given: Given, command: readonly string[] = []): JobProcess {
  const programs: Program[] = []
  const endings: string[] = []
  let [state, ending]: [ProcessState, boolean] = ['down', false]
  const current = (): Program => programs.at(-1) as Program

  function start(): void {
    const program = startProgram([JSON.stringify(given)], {}, file, command)
    programs.push(program)
    ending = false
    state = 'running'
    void program.ended.then(async (how) => {
      if (ending || program !== current()) return
      endings.push(`${name} has ended by itself with ${how}: ${program.said.trimEnd().split('\n').at(-1)}`)
      await pause(restartDelay)
      if (!ending && program === current()) start()
    })
  }

  async function kill(): Promise<void> {
    ending = true
    state = 'down'
    await programs.at(-1)?.kill()
  }

  async function ended(): Promise<number | NodeJS.Signals> {
    ending = true
    const how = await Promise.race([current().ended, pause(patience, undefined, { ref: false })])
    await kill()
    return how ?? 'SIGKILL'
  }

  return {
    ...{ name, endings, start, kill, ended },
    get hasBegun() {
      return current().said !== ''
    },
    get state() {
      return state
    },
    end(signal) {
      current().signal(signal)
      return ended()
    },
    ask(signal) {
      ending = true
      current().signal(signal)
    },
    freeze() {
      current().signal('SIGSTOP')
      state = 'frozen'
    },
    wake() {
      current().signal('SIGCONT')
      state = 'running'
    },
    abandon() {
      ending = true
      state = 'down'
      return current()
    },
    said(lines = 25) {
      const all = programs.flatMap(({ said }, at) => [`-- start ${at + 1}`, ...said.trimEnd().split('\n')])
      return all.slice(-lines).join('\n')
    },
  }
}
