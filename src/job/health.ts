/** Health of a job in this process, derived from its events; costs nothing per record. */
import type { Clock } from '../attempt.ts'
import type { CheckpointId } from '../record.ts'
import type { JobEvent } from './events.ts'

/** Health of a running job in this process, as returned by `job.health()`. */
export interface JobHealth {
  /**
   * Whether every shard in this process has restored its state, and commits: its last checkpoint,
   * and one in progress, are at most three intervals old (at least 5 s). A job without input is
   * ready, since it has nothing to commit.
   */
  readonly ready: boolean
  /** Whether no thread of a shard has been silent for 30 s, and the job has not failed. */
  readonly live: boolean
  /** Why the job is not ready or not live, a sentence each; empty if it is both. */
  readonly reasons: readonly string[]
}

export interface HealthParts {
  /** Number of shards that run in this process. */
  readonly shards: number
  /** Longest regular time between two checkpoints, ms. */
  readonly interval: number
  readonly clock: Clock
  /** Time since a thread's last sign of life, ms, by shard; empty if the job has no threads. */
  readonly silences?: () => ReadonlyMap<number, number>
}

export interface HealthWatch {
  tell(event: JobEvent): void
  health(): JobHealth
}

/** Intervals that a checkpoint may take or be missing, and their least sum, ms. */
const patience = { intervals: 3, least: 5_000 }

/** Silence after which a thread counts as stuck, ms. */
export const longestSilence = 30_000

interface ShardHealth {
  /** Why the shard takes no checkpoints; null if it does. */
  readonly problem: string | null
  /** Start of each checkpoint in progress, ms. */
  readonly underway: Map<CheckpointId, number>
  /**
   * Since when a commit is due, over restarts, ms; null: nothing is to be committed, or the shard
   * was never restored.
   */
  readonly due: number | null
}

export function healthWatch({ shards, interval, clock, silences = () => new Map() }: HealthParts): HealthWatch {
  const byShard = new Map<number, ShardHealth>()
  let end: { readonly why: string; readonly failed: boolean } | null = null
  const limit = Math.max(patience.intervals * interval, patience.least)
  const now = (): number => clock.monotonic()
  const set = (shard: number, problem: string | null): void => {
    const { due = null } = byShard.get(shard) ?? {}
    byShard.set(shard, { problem, underway: new Map(), due })
  }
  const setDue = (shard: number, due: number | null): void => {
    const its = byShard.get(shard)
    if (its !== undefined) byShard.set(shard, { ...its, due })
  }
  for (let shard = 0; shard < shards; shard++) set(shard, 'has not restored its state yet')

  function tell(event: JobEvent): void {
    const { shard = 0 } = event
    switch (event.type) {
      case 'started':
        return set(shard, 'is restoring its state')
      case 'restored':
        set(shard, null)
        return setDue(shard, byShard.get(shard)?.due ?? now())
      case 'idle':
        return setDue(shard, null)
      case 'restarting':
        return set(shard, `is waiting to restart after ${event.error.code}`)
      case 'checkpoint-triggered':
        byShard.get(shard)?.underway.set(event.checkpoint, now())
        return setDue(shard, byShard.get(shard)?.due ?? now())
      case 'checkpoint-committed':
        byShard.get(shard)?.underway.delete(event.checkpoint)
        return setDue(shard, now())
      case 'plan':
        for (const one of byShard.keys()) if (!event.shards.includes(one)) byShard.delete(one)
        for (const one of event.shards) if (!byShard.has(one)) set(one, 'has not restored its state yet')
        return
      case 'shard-released':
        return void byShard.delete(shard)
      case 'failed':
        end = { why: `the job has failed: ${event.error.code}`, failed: true }
        return
      case 'stopped':
      case 'finished':
      case 'cancelled':
      case 'left':
        end = { why: `the job has ended: ${event.type}`, failed: false }
    }
  }

  function* troubles(): Generator<string> {
    for (const [shard, { problem, underway, due }] of byShard) {
      if (problem !== null) yield `shard ${shard} ${problem}`
      else if (underway.size === 0 && due !== null && now() - due > limit)
        yield `shard ${shard} has committed nothing for ${seconds(now() - due)}`
      for (const [checkpoint, since] of underway) {
        if (now() - since > limit)
          yield `checkpoint ${checkpoint} of shard ${shard} has been in progress for ${seconds(now() - since)}`
      }
    }
  }

  return {
    tell,
    health() {
      if (end !== null) return { ready: false, live: !end.failed, reasons: [end.why] }
      const silent = [...silences()].filter(([, silence]) => silence > longestSilence)
      const stuck = silent.map(
        ([shard, silence]) => `the thread of shard ${shard} has been silent for ${seconds(silence)}`,
      )
      const reasons = [...stuck, ...troubles()]
      return { ready: reasons.length === 0, live: stuck.length === 0, reasons }
    },
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`
}
