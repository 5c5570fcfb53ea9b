/** Which shards have ended for good, as a member knows it: its own, and those that others tell. */
import type { HeardRecord } from '../../contracts/members.ts'
import type { Plan } from '../../contracts/plan.ts'
import { FatalError, type RxweftError } from '../../errors.ts'
import type { KeeperState } from '../shards/keeper.ts'

export interface EndedShards {
  /** Number of shards that have finished or failed. */
  readonly count: number
  /** Failure of one of them; undefined if none has failed. */
  readonly failure: RxweftError | undefined
}

export interface ShardEnds {
  /** @param states of this member's shards, by number */
  look(states: readonly KeeperState[], plan: Pick<Plan, 'owners'>, records: Records): EndedShards
}

type Records = ReadonlyMap<string, Pick<HeardRecord, 'member' | 'instance' | 'shards' | 'live'>>

export function shardEnds(me: string): ShardEnds {
  /** Kept, since whoever has said it may be gone. */
  const finished = new Set<number>()
  return {
    look(states, { owners }, records) {
      const failures = new Map<number, RxweftError>()
      for (const { member, instance, shards, live } of records.values()) {
        if (!live) continue
        for (const [text, { doing, error }] of Object.entries(shards)) {
          const shard = Number(text)
          if (doing === 'finished') finished.add(shard)
          // It is tried again once its member is gone.
          if (doing === 'failed' && member !== me && member === owners[shard])
            failures.set(shard, failedElsewhere(shard, instance, error))
        }
      }
      for (const [shard, { phase, error }] of states.entries()) {
        if (phase === 'finished') finished.add(shard)
        if (error !== undefined) failures.set(shard, error.at({ shard }))
      }
      const count = states.filter((_, shard) => finished.has(shard) || failures.has(shard)).length
      return { count, failure: [...failures.values()][0] }
    },
  }
}

function failedElsewhere(
  shard: number,
  instance: string,
  error: { readonly code: string; readonly message: string } | undefined,
): RxweftError {
  const why = error === undefined ? '' : `: ${error.code}: ${error.message}`
  return new FatalError('SHARD_FAILED', `the shard has failed on "${instance}"${why}`, { where: { shard } })
}
