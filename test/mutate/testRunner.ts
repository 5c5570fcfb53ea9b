/** One vitest for many runs, in a process of its own, so that a test that blocks its thread can be ended. */
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { endGuard } from '../../tools/broker/endGuard.ts'

export type Outcome = 'passed' | 'hangs' | { readonly failed: string }

/** What the process of vitest tells. */
export type Told = { readonly type: 'ready' | 'file' } | { readonly type: 'end'; readonly outcome: Outcome }

/** What it is asked: sources that have changed, and test files to run in this order. */
export interface Asked {
  readonly changed: readonly string[]
  readonly tests: readonly string[]
}

export interface TestRunner {
  /** Sources that the next run has to read again. */
  changed(file: string): void
  /**
   * Ends at the first failure.
   * @param limit how long a test file may take, ms
   */
  run(tests: readonly string[], limit: (test: string) => number): Promise<Outcome>
  close(): void
}

/** @param coverage a folder to write what each test file runs to, see recordCoverage.ts */
export function openTestRunner(root: string, coverage?: string): TestRunner {
  let child: ChildProcess | null = null
  let dismiss: () => void = () => undefined
  let changes: string[] = []

  async function start(): Promise<ChildProcess> {
    const started = fork(join(import.meta.dirname, 'vitestProcess.ts'), {
      cwd: root,
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, ...(coverage === undefined ? {} : { RXWEFT_COVERAGE: coverage }) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    })
    await new Promise((resolve) => started.once('message', resolve))
    // With its workers, which are in its group.
    dismiss = endGuard('kill -9 "-$1"', [String(started.pid)]).dismiss
    return started
  }

  function end(): void {
    if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    dismiss()
    child = null
  }

  return {
    changed(file) {
      changes.push(file)
    },
    async run(tests, limit) {
      child ??= await start()
      const running = child
      const asked: Asked = { changed: changes, tests }
      changes = []
      const outcome = await new Promise<Outcome>((resolve) => {
        let timer: NodeJS.Timeout
        let at = 0
        const next = (): void => {
          clearTimeout(timer)
          timer = setTimeout(() => finish('hangs'), limit(tests[at++] ?? ''))
        }
        // A loop that never ends may fill the memory of the machine before its time is up.
        const watch = setInterval(() => {
          if (kilobytes(running.pid) > mostKilobytes) finish('hangs')
        }, 500)
        const finish = (how: Outcome): void => {
          clearTimeout(timer)
          clearInterval(watch)
          running.removeAllListeners()
          resolve(how)
        }
        running.on('message', (told: Told) => {
          if (told.type === 'file') next()
          else if (told.type === 'end') finish(told.outcome)
        })
        running.on('exit', () => finish('hangs'))
        next()
        running.send(asked)
      })
      if (outcome === 'hangs') end()
      return outcome
    },
    close: end,
  }
}

/** For vitest and its worker together; the tests take a quarter of it. */
const mostKilobytes = 4 * 1024 * 1024

/** Resident memory of a process and its descendants; 0 where the system has no /proc. */
function kilobytes(pid: number | undefined): number {
  try {
    const [, own] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    return children.filter(Boolean).reduce((sum, child) => sum + kilobytes(Number(child)), Number(own ?? 0))
  } catch {
    return 0
  }
}
