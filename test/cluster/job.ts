/** The program under fire: started, killed and started again, and when it has committed. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Program, startProgram } from '../../tools/support/program.ts'

export interface ClusterJob {
  readonly alive: boolean
  /** Starts it; at most one is alive. */
  start(): void
  /** SIGKILL. */
  kill(): Promise<void>
  /** Runs it alone until everything is processed. */
  finish(): Promise<void>
  /** When checkpoints were committed, ms since the epoch, in order. */
  commits(): readonly number[]
  /** How often an attempt has ended and another has started. */
  restarts(): number
  /** Resolves with the time of the first commit that is not before this, ms since the epoch. Rejects where the program ends. */
  commitAfter(time: number): Promise<number>
  /** The last lines that it has said. */
  said(): string
}

const main = join(import.meta.dirname, 'program.ts')

/** @param args but for --until */
export function clusterJob(args: readonly string[]): ClusterJob {
  const programs: { readonly program: Program; read: number }[] = []
  const commits: number[] = []
  let restarts = 0
  const alive = (): boolean => programs.at(-1)?.program.alive ?? false

  function start(more: readonly string[] = []): Program {
    const program = startProgram([...args, ...more], {}, main)
    programs.push({ program, read: 0 })
    return program
  }

  async function kill(): Promise<void> {
    await programs.at(-1)?.program.kill()
  }

  /** Takes in what has been said since the last time, up to the last whole line. */
  function listen(): void {
    for (const one of programs) {
      const { said } = one.program
      const end = said.lastIndexOf('\n') + 1
      const news = said.slice(one.read, end)
      for (const [, time] of news.matchAll(/^commit \d+ (\d+)$/gm)) commits.push(Number(time))
      restarts += news.split('restarting in ').length - 1
      one.read = end
    }
  }

  return {
    get alive() {
      return alive()
    },
    start: () => void start(),
    kill,
    async finish() {
      await kill()
      const program = start(['--until', 'latest'])
      const how = await program.ended
      if (how !== 0) throw new Error(`the job that was to process the rest ended with ${how}:\n${program.said}`)
    },
    commits() {
      listen()
      return commits
    },
    restarts() {
      listen()
      return restarts
    },
    async commitAfter(time) {
      for (; ; await pause(20)) {
        const running = alive()
        listen()
        const found = commits.findLastIndex((at) => at < time) + 1
        if (found < commits.length) return commits[found] as number
        if (!running) throw new Error('the job has ended')
      }
    },
    said() {
      const lines = programs.flatMap(({ program }) => program.said.trimEnd().split('\n'))
      return lines
        .filter((line) => !line.startsWith('commit '))
        .slice(-12)
        .join('\n')
    },
  }
}
