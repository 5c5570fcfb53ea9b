/**
 * Decides who runs the shards of a job before any of them starts: attempt after attempt, as the
 * restart strategy allows, until the plan is written.
 */
import { randomUUID } from 'node:crypto'
import { checkpointSettings } from '../checkpoint/settings.ts'
import { watchedStorage } from '../checkpoint/watchedStorage.ts'
import { steadyClock, systemClock } from '../clock.ts'
import type { Ledger } from '../contracts/ledger.ts'
import type { Plan, PlanMember } from '../contracts/plan.ts'
import { FatalError, toRxweftError } from '../errors.ts'
import { memoryState } from '../state/memoryState.ts'
import { versionOf } from './change/jobChange.ts'
import type { Job } from './defineJob.ts'
import type { JobEvent } from './events.ts'
import type { ExecuteOptions } from './executeOptions.ts'
import { unexpected } from './jobHandle.ts'
import { storageReady } from './openEnds.ts'
import { buildPipeline } from './pipeline.ts'
import { type PlanClaim, writePlan } from './planWriter.ts'
import { exponentialDelay } from './restart.ts'
import { restartDelay } from './restartDelay.ts'
import { restarting } from './restarting.ts'
import { withAttempt } from './withAttempt.ts'

export interface PlanningSignals {
  readonly stopping: AbortSignal
  readonly cancelling: AbortSignal
}

/** Resolves with the plan of an execution, or with null if it was cancelled before. */
export type Planning = (signals: PlanningSignals, tell: (event: JobEvent) => void) => Promise<Plan | null>

/** @param joins this member, in a job of several processes: a plan that exists is left as it is */
export function planning(
  job: Job,
  options: ExecuteOptions,
  { execution, shards }: { readonly execution: string; readonly shards: number },
  joins?: () => PlanMember,
): Planning {
  const settings = checkpointSettings(options.checkpointing ?? {})
  const { state = memoryState(), probe = () => undefined, restart = exponentialDelay() } = options
  const clock = steadyClock(options.clock ?? systemClock)
  const policy = restart(Math.random)
  const abandoned = [options.abandonLineage ?? []].flat()
  const claim: PlanClaim = { number: undefined }

  return async (signals, tell) => {
    const over = new AbortController()
    const storage = watchedStorage(options.storage, clock, tell, over.signal)
    let written: Plan | null = null

    async function attempt(): Promise<void> {
      const pipeline = buildPipeline(job, storage, shards)
      const identity = { job: job.name, shard: 0, shards, execution, attempt: randomUUID(), ...versionOf(job) }
      const services = { clock, probe, badRecords: pipeline.badRecords, tell }
      const { cancelling } = signals
      await withAttempt({ identity, settings, services, cancelling }, async (attempt) => {
        await storageReady(attempt, storage)
        const store = await attempt.openResource({ open: () => plansOf(pipeline.ledger, attempt) })
        written = await writePlan({
          ...{ attempt, pipeline, storage, state, tell, abandoned, store, claim, joins: joins?.() },
          from: options.from,
          rescales: options.rescale === 'at-start',
        })
      })
    }

    try {
      await restarting({ clock, ...signals, last: () => 0, tell, delayAfter: restartDelay(policy) }, () =>
        attempt().then(
          () => ({ outcome: 'finished', checkpoint: 0 }),
          (thrown) => ({ error: toRxweftError(thrown, unexpected) }),
        ),
      )
      return written
    } finally {
      over.abort()
    }
  }
}

export function plansOf(ledger: Ledger, context: Parameters<NonNullable<Ledger['plans']>>[0]) {
  if (ledger.plans !== undefined) return ledger.plans(context)
  throw new FatalError('CANNOT_BE_SPREAD', `${ledger.place} keeps no plan of who runs which shard`, {
    where: { job: context.job },
    hint: 'Remove `shards`, or implement `plans` in the ledger of the sink',
  })
}
