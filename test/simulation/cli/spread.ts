/**
 * Spreads the seeds of a run over several processes: each takes every P-th. New ones after some thousand: owners that are frozen for
 * ever are never collected, and a process that holds many gets slow.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Kind } from './kinds.ts'
import type { Failure, Told } from './worker.ts'

export interface Spread {
  readonly failures: readonly Failure[]
  readonly schedules: number
  readonly decisions: number
}

export interface SpreadOptions {
  readonly folder: string
  readonly kind: Kind
  readonly from: number
  readonly seeds: number
  readonly processes: number
  /** One failure is enough. */
  readonly first: boolean
}

/** Nearly all that a schedule makes is garbage soon: with more room it is collected less often. */
const roomy = ['--max-semi-space-size=64']

/** Schedules for one set of processes. */
const slice = 3_000

export async function spread(options: SpreadOptions): Promise<Spread> {
  const { from, seeds, first } = options
  let all: Spread = { failures: [], schedules: 0, decisions: 0 }
  for (let done = 0; done < seeds && !(first && all.failures.length > 0); done += slice) {
    const { failures, schedules, decisions } = await spreadSlice({
      ...options,
      from: from + done,
      seeds: Math.min(slice, seeds - done),
    })
    all = {
      failures: [...all.failures, ...failures],
      schedules: all.schedules + schedules,
      decisions: all.decisions + decisions,
    }
  }
  return all
}

async function spreadSlice({ folder, kind, from, seeds, processes, first }: SpreadOptions): Promise<Spread> {
  const failures: Failure[] = []
  let [schedules, decisions] = [0, 0]
  const workers = Array.from({ length: Math.min(processes, seeds) }, (_, at) => {
    const args = [folder, kind, from + at, from + seeds, processes, first ? 1 : 100].map(String)
    return fork(join(import.meta.dirname, 'worker.ts'), args, { execArgv: ['--import', 'tsx', ...roomy] })
  })
  const ends = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        worker.on('message', (told: Told) => {
          schedules += told.schedules
          decisions += told.decisions
          failures.push(...told.failures)
          if (first && failures.length > 0) for (const other of workers) other.kill()
        })
        worker.on('close', (code, signal) =>
          code === 0 || signal !== null ? resolve() : reject(new Error(`a process ended with ${code}`)),
        )
      }),
  )
  await Promise.all(ends)
  return { failures: failures.sort((a, b) => a.seed - b.seed), schedules, decisions }
}
