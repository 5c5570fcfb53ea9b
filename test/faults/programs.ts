/** The programs of a site: copies of one job, of which mostly one is alive. */
import { join } from 'node:path'
import { type Program, startProgram } from '../../tools/support/program.ts'

const main = join(import.meta.dirname, 'program.ts')

export interface Programs {
  /** Starts a copy; others go on. */
  start(more?: readonly string[], env?: Readonly<Record<string, string>>): Program
  /** The last one started that is alive. */
  readonly current: Program | null
  /** The current one, if it was started without arguments of its own; else all are killed, and one is started. */
  plain(): Promise<Program>
  /** SIGKILL for all. */
  kill(): Promise<void>
  /** Starts one that ends by itself when everything is processed, alone. */
  finish(): Promise<void>
  /** The last that all of them have said. */
  readonly said: string
}

/** @param where the arguments that lead to the job as it is now */
export function programs(where: () => readonly string[]): Programs {
  const started: { readonly program: Program; readonly plain: boolean }[] = []
  const last = () => started.filter(({ program }) => program.alive).at(-1)

  function start(more: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Program {
    const program = startProgram([...where(), '--interval', '100', '--verbose', ...more], env, main)
    started.push({ program, plain: more.length === 0 && Object.keys(env).length === 0 })
    return program
  }

  async function kill(): Promise<void> {
    await Promise.all(started.map(({ program }) => program.kill()))
  }

  return {
    start,
    kill,
    get current() {
      return last()?.program ?? null
    },
    async plain() {
      const found = last()
      if (found?.plain) return found.program
      await kill()
      return start()
    },
    async finish() {
      await kill()
      const program = start(['--until', 'latest'])
      const how = await program.ended
      if (how !== 0) throw new Error(`the job that was to process the rest ended with ${how}:\n${program.said}`)
    },
    get said() {
      return started.map(({ program }) => `--- ${program.pid}\n${lastLines(program.said)}`).join('\n')
    },
  }
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-12).join('\n')
}
