/**
 * Feeds lines while the uppercase program runs. The program is killed at one step after another,
 * and restarted at once.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Relay } from '../../tools/console/overIpc.ts'
import { type Ground, numberedLine } from './ground.ts'

const program = join(import.meta.dirname, '../program/uppercase.ts')
const node = ['--conditions=rxweft-source', '--import', 'tsx', program]

/**
 * Resolves with the number of kills once all lines are fed and processed. Rejects if the program
 * fails by itself.
 */
export async function killing(ground: Ground, records: number, folder: string, page: Relay | null): Promise<number> {
  let fed = 0
  let kills = 0
  const feeding = feed()
  for (const step of ground.steps) {
    const [code, signal] = await run([], `${step}:2`)
    if (signal !== 'SIGKILL')
      throw new Error(`the job should have been killed at "${step}", but ended with ${signal ?? code}`)
    kills += 1
    page?.ended(killedAt(step))
    console.log(`  killed (SIGKILL) at step "${step}", with ${fed} of ${records} lines fed`)
  }
  // The rest without a kill, until nothing is left to read.
  await feeding
  const [code] = await run(['--until', 'latest'])
  if (code !== 0) throw new Error(`the last run of the job ended with exit code ${code}`)
  return kills

  /**
   * Feeds a share before each kill within about two seconds, and line by line while that kill is
   * still to come, so that there are lines to process at every kill, however slow the machine is.
   */
  async function feed(): Promise<void> {
    const atOnce = Math.max(1, Math.ceil(records / 160))
    while (fed < records) {
      const share = (records * (kills + 1)) / (ground.steps.length + 1)
      const count = Math.min(kills === ground.steps.length || fed < share ? atOnce : 1, records - fed)
      await ground.feed(Array.from({ length: count }, (_, at) => numberedLine(fed + at + 1)))
      fed += count
      await pause(50)
    }
  }

  async function run(more: readonly string[], crash?: string): Promise<[number | null, NodeJS.Signals | null]> {
    const checkpoints = ['--checkpoints', join(folder, 'checkpoints'), '--interval', '200']
    const child: ChildProcess = spawn(
      process.execPath,
      [...node, ...ground.programArguments, ...checkpoints, ...more],
      {
        env: { ...process.env, ...(crash === undefined ? {} : { RXWEFT_CRASH_AT: crash }) },
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      },
    )
    page?.follow(child)
    child.stdout?.on('data', (said) => process.stdout.write(String(said).replaceAll(/^(?=.)/gm, '    job: ')))
    return once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  }
}

function killedAt(step: string) {
  const what = `the process was killed at step "${step}" of a checkpoint`
  return { code: 'SIGKILL', what, where: '', hint: 'The demonstration does that, and starts it again at once' }
}
