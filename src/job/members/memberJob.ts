/** A job with the option `members`: what one process of it is made of. */
import { checkpointSettings } from '../../checkpoint/settings.ts'
import { steadyClock, systemClock } from '../../clock.ts'
import type { Members } from '../../contracts/members.ts'
import { FatalError } from '../../errors.ts'
import type { Job } from '../defineJob.ts'
import type { ExecuteOptions } from '../executeOptions.ts'
import { buildPipeline } from '../pipeline.ts'
import { planning } from '../planning.ts'
import { memberMove } from '../rescale/memberMove.ts'
import { overMembers, type RunningMember } from './overMembers.ts'
import type { StartShard } from './shardRun.ts'

export interface MemberJobParts {
  readonly me: string
  readonly members: Members
  readonly threads: number
  readonly start: StartShard
  /** Time since the last sign of life of each shard's thread, ms. */
  readonly silences: () => ReadonlyMap<number, number>
  /** Ends what `start` has started. */
  readonly close: () => Promise<void>
}

/** @throws STORAGE_NOT_SHARED, NO_PLAN, and errors of the definition */
export function memberJob(
  job: Job,
  options: ExecuteOptions,
  { me, members, threads, start, silences, close }: MemberJobParts,
): RunningMember {
  const { shards = 1, storage, onShardFailure = 'keep', signal } = options
  if (storage.shared !== true) throw notShared(job.name, storage.place)
  const clock = steadyClock(options.clock ?? systemClock)
  const { ledger } = buildPipeline(job, storage, shards)
  const open = ledger.plans
  if (open === undefined) throw noPlan(job.name, ledger.place)
  const { interval, timeout } = checkpointSettings(options.checkpointing ?? {})
  return overMembers({
    ...{ me, members, threads, clock, start, silences, close, onShardFailure, signal },
    job: job.name,
    prefix: ledger.prefix ?? 'rxweft',
    stuckAfter: 3 * interval + timeout,
    move: memberMove(job, options, me),
    openStore: (over, tell) => open({ job: job.name, clock, signal: over, tell }),
    genesis: async (over, tell, groupMember) => {
      const { instance, zone } = members
      const joins = () => ({ instance, groupMember: groupMember(), ...(zone === null ? {} : { zone }) })
      const never = new AbortController().signal
      return planning(job, options, { execution: me, shards }, joins)({ stopping: never, cancelling: over }, tell)
    },
  })
}

function notShared(job: string, place: string): FatalError {
  return new FatalError('STORAGE_NOT_SHARED', `other machines cannot see what is stored in ${place}`, {
    where: { job },
    hint: 'With `members`, use a storage that all machines share: ledgerStorage() or s3Storage',
  })
}

function noPlan(job: string, place: string): FatalError {
  return new FatalError('NO_PLAN', `${place} keeps no plan of who runs what`, {
    where: { job },
    hint: 'With `members`, use an exactly-once Kafka sink',
  })
}
