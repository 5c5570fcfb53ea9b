/** Takeovers and checkpoints of all shards of a process, put together from their events. */
import type { Clock } from '../../attempt.ts'
import type { CheckpointMessage, TakeoverMessage } from '../../metrics/channels.ts'
import type { CheckpointId } from '../../record.ts'
import type { JobEvent } from '../events.ts'

export type Takeover = Omit<TakeoverMessage, 'job'>
export type Checkpoint = Omit<CheckpointMessage, 'job'>

export interface Progress {
  tell(event: JobEvent): void
  /** Shards that this process has, with what they do. */
  readonly shards: ReadonlyMap<number, ShardProgress>
}

export interface ShardProgress {
  /** Random id of the current attempt. */
  attempt: string
  /** Start of the attempt, ms. */
  startedAt: number
  /** Last committed checkpoint; null before the first restore. */
  checkpoint: CheckpointId | null
  /** Commit of that checkpoint, its restore, or the start of the job, ms. */
  since: number
  /** Whether nothing happens, so that no checkpoint is taken. */
  idle: boolean
  /** Checkpoints in progress. */
  readonly underway: Map<CheckpointId, Underway>
}

interface Underway {
  readonly triggeredAt: number
  readonly final: boolean
  bytes: number
}

export interface ProgressListeners {
  takeover(takeover: Takeover): void
  checkpoint(checkpoint: Checkpoint): void
}

/** @param count number of shards of this process; others may be added later */
export function progress(count: number, clock: Pick<Clock, 'monotonic'>, heard: ProgressListeners): Progress {
  const shards = new Map<number, ShardProgress>()
  const now = (): number => clock.monotonic()
  const fresh = (): ShardProgress => ({
    ...{ attempt: '', startedAt: now(), checkpoint: null, since: now(), idle: false, underway: new Map() },
  })
  for (let shard = 0; shard < count; shard++) shards.set(shard, fresh())

  function of(shard: number): ShardProgress {
    const known = shards.get(shard)
    if (known !== undefined) return known
    const made = fresh()
    shards.set(shard, made)
    return made
  }

  function ended(
    shard: number,
    checkpoint: CheckpointId,
    how: Pick<Checkpoint, 'outcome' | 'phases' | 'code'>,
    took?: number,
  ): void {
    const its = of(shard)
    const { triggeredAt = now(), final = false, bytes = 0 } = its.underway.get(checkpoint) ?? {}
    its.underway.delete(checkpoint)
    const duration = took ?? Math.round(now() - triggeredAt)
    heard.checkpoint({ shard, attempt: its.attempt, checkpoint, final, bytes, duration, ...how })
  }

  return {
    shards,
    tell(event) {
      const { shard = 0 } = event
      switch (event.type) {
        case 'started':
          return void Object.assign(of(shard), { attempt: event.attempt, startedAt: now() })
        case 'restored': {
          const its = of(shard)
          Object.assign(its, { checkpoint: event.checkpoint, since: now(), idle: false })
          const { attempt, startedAt } = its
          return heard.takeover({ shard, attempt, checkpoint: event.checkpoint, duration: now() - startedAt })
        }
        case 'idle':
          of(shard).idle = true
          return
        case 'checkpoint-triggered': {
          const its = of(shard)
          its.idle = false
          its.underway.set(event.checkpoint, { triggeredAt: now(), final: event.final, bytes: 0 })
          return
        }
        case 'checkpoint-stored': {
          const one = of(shard).underway.get(event.checkpoint)
          if (one !== undefined) one.bytes = event.bytes
          return
        }
        case 'checkpoint-committed':
          Object.assign(of(shard), { checkpoint: event.checkpoint, since: now() })
          return ended(
            ...([shard, event.checkpoint] as const),
            { outcome: 'committed', phases: event.phases, code: undefined },
            event.duration,
          )
        case 'checkpoint-failed':
          return ended(shard, event.checkpoint, { outcome: 'failed', phases: undefined, code: event.error.code })
        case 'restarting':
          // Checkpoints in progress end with their attempt.
          for (const checkpoint of [...of(shard).underway.keys()])
            ended(shard, checkpoint, { outcome: 'failed', phases: undefined, code: event.error.code })
          return
        case 'plan':
          for (const one of shards.keys()) if (!event.shards.includes(one)) shards.delete(one)
          return
        case 'shard-released':
          return void shards.delete(shard)
      }
    },
  }
}
