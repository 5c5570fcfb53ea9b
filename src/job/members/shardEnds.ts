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
  look(states: readonly KeeperState[], plan: Pick<Plan, 'owners' | 'since'>, records: Records): EndedShards
}

type Records = ReadonlyMap<string, Pick<HeardRecord, 'member' | 'instance' | 'shards' | 'live'>>

export function shardEnds(me: string): ShardEnds {
  /**
   * Plans under which shards have finished. Kept, since whoever has said it may be gone. A shard
   * that gets other slots begins anew.
   */
  const finished = new Map<number, number>()
  return {
    look(states, { owners, since }, records) {
      const failures = new Map<number, RxweftError>()
      const isOld = (shard: number, plan: number): boolean => plan < (since?.[shard] ?? 0)
      const finish = (shard: number, plan: number): void => {
        finished.set(shard, Math.max(plan, finished.get(shard) ?? 0))
      }
      for (const { member, instance, shards, live } of records.values()) {
        if (!live) continue
        for (const [text, { doing, plan, error }] of Object.entries(shards)) {
          const shard = Number(text)
          if (doing === 'finished') finish(shard, plan)
          // It is tried again once its member is gone.
          if (doing === 'failed' && member !== me && member === owners[shard] && !isOld(shard, plan))
            failures.set(shard, failedElsewhere(shard, instance, error))
        }
      }
      for (const [shard, { phase, plan, error }] of states.entries()) {
        if (phase === 'finished') finish(shard, plan)
        if (error !== undefined) failures.set(shard, error.at({ shard }))
      }
      const hasFinished = (shard: number): boolean => finished.has(shard) && !isOld(shard, finished.get(shard) ?? 0)
      const count = owners.filter((_, shard) => hasFinished(shard) || failures.has(shard)).length
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
