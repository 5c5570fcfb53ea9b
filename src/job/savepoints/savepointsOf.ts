import type { Savepoint } from '../../checkpoint/savepoints/savepoints.ts'
import { noSavepoints, savepointNameRule } from '../../checkpoint/savepoints/savepoints.ts'
import { abortController, steadyClock, systemClock } from '../../clock.ts'
import { FatalError } from '../../errors.ts'
import { required } from '../../optionRules.ts'
import { checkOptions } from '../../options.ts'
import type { Job } from '../defineJob.ts'
import type { ExecuteOptions } from '../executeOptions.ts'
import { buildPipeline } from '../pipeline.ts'
import { isFree, keepSavepoint } from './keepSavepoint.ts'

/** Savepoints of a running job. */
export interface SavepointKeeper {
  /** Keeps the newest checkpoint under this name. */
  keep(name: string): Promise<Savepoint>
  /** Keeps the final checkpoint of a job that has stopped; waits for the other members to stop. */
  keepLast(name: string): Promise<Savepoint>
  /** Rejects with what would refuse a savepoint of this name at the end of the job. */
  mayKeepLast(name: string): Promise<void>
}

/** Reads ledger and storage of the job beside it; the job does not notice. */
export function savepointsOf(job: Job, { storage, shards = 1, members, ...options }: ExecuteOptions): SavepointKeeper {
  const clock = steadyClock(options.clock ?? systemClock)

  function plansOf() {
    const { ledger } = buildPipeline(job, storage, shards)
    if (ledger.plans === undefined) throw noPlans(job.name, ledger.place)
    return { ledger, open: ledger.plans }
  }

  /** The store of the job's plan, for a savepoint of this name. */
  function plansFor(name: string) {
    checkOptions('savepoint', { name }, { name: required(savepointNameRule) }, { where: { job: job.name } })
    if (storage.inLedger) throw noSavepoints(job.name)
    return plansOf()
  }

  async function keep(name: string, atRest: boolean): Promise<Savepoint> {
    const { ledger, open } = plansFor(name)
    const over = abortController()
    const context = { job: job.name, clock, signal: over.signal, tell: () => undefined }
    const store = await open.call(ledger, context)
    try {
      return await keepSavepoint({ ...context, name, storage, store, atRest })
    } finally {
      over.abort()
      await store.close()
    }
  }

  return {
    keep: (name) => keep(name, false),
    keepLast: (name) => keep(name, members !== undefined),
    async mayKeepLast(name) {
      plansFor(name)
      await isFree({ job: job.name, name, storage })
    },
  }
}

function noPlans(job: string, place: string): FatalError {
  return new FatalError('CANNOT_KEEP_SAVEPOINT', `${place} cannot be read beside the job`, {
    where: { job },
    hint: 'Implement `plans` in the ledger of the sink. Nothing was written',
  })
}
