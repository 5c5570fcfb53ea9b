/**
 * Threads of a job. They start at once, and wait at their `execute` until the plan is written.
 */
import { resolve } from 'node:path'
import type { Clock } from '../../../attempt.ts'
import { FatalError } from '../../../errors.ts'
import type { Metric } from '../../../metrics/metric.ts'
import { requireFrom } from '../../../optionalPackage.ts'
import type { RestartStrategy } from '../../restart.ts'
import { startThread, type Thread, type ThreadOptions } from '../worker/thread.ts'
import type { ShardStarter } from './overShards.ts'
import { shardThread } from './shardThread.ts'

export interface ShardThreadsOptions extends Omit<ThreadOptions, 'shard'> {
  readonly clock: Clock
  readonly restart: RestartStrategy
}

export interface ShardThreads extends ShardStarter {
  /** Time since the last sign of life of each thread, ms, by shard. */
  silences(): ReadonlyMap<number, number>
  /** Metrics of all threads and their shards. */
  metrics(): Promise<readonly Metric[]>
}

export function shardThreads({ clock, restart, ...options }: ShardThreadsOptions): ShardThreads {
  const warmed = new Map<number, Thread>()
  const started = new Map<number, Thread>()

  function take(shard: number): Thread {
    const thread = warmed.get(shard) ?? startThread({ ...options, shard })
    warmed.delete(shard)
    started.set(shard, thread)
    return thread
  }

  return {
    warm: (shard) => void warmed.set(shard, startThread({ ...options, shard })),
    start: (shard, plan, ask) =>
      shardThread({ shard, plan, clock, ask, thread: () => take(shard), delayAfter: restart(Math.random) }),
    silences: () => new Map([...started].map(([shard, thread]) => [shard, thread.silence()])),
    metrics: async () => (await Promise.all([...started.values()].map((thread) => thread.metrics()))).flat(),
    async close() {
      await Promise.all([...warmed.values()].map((thread) => thread.close()))
      warmed.clear()
    },
  }
}

/**
 * Program of a thread.
 *
 * @throws NO_PROGRAM if this process has no main program
 */
export function programOf(given: string | URL | undefined): string | URL {
  if (given instanceof URL) return given
  if (given !== undefined) return resolve(given)
  const main = process.argv[1]
  if (main === undefined) throw noProgram()
  try {
    // Resolved as node does: a missing extension or a folder is allowed.
    return requireFrom(main).resolve(main)
  } catch {
    return main
  }
}

function noProgram(): FatalError {
  return new FatalError('NO_PROGRAM', 'the file of the main program is unknown, so shards cannot run it', {
    hint: 'Set the option `program` to the file that calls execute for this job',
  })
}
