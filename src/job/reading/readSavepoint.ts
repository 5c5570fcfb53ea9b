import { withInline } from '../../checkpoint/inline.ts'
import { keptSnapshots } from '../../checkpoint/savepoints/keptSnapshots.ts'
import { findSavepoint, savepointNameRule, storageRule } from '../../checkpoint/savepoints/savepoints.ts'
import { abortController, type GivenClock, sleep, steadyClock, systemClock } from '../../clock.ts'
import type { PlanStore } from '../../contracts/plan.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import { FatalError, RetriableError, RxweftError } from '../../errors.ts'
import { required, withMethods } from '../../optionRules.ts'
import { checkOptions } from '../../options.ts'
import type { Job } from '../defineJob.ts'
import { buildPipeline } from '../pipeline.ts'
import { type Cut, decidedCut } from '../savepoints/decidedCut.ts'
import { savepointMissing } from '../savepoints/savepointStart.ts'
import { type LoadedShard, loadedShard } from './loadedShard.ts'
import { type CommittedState, committedState } from './shardViews.ts'

/** Options of `readSavepoint`. */
export interface ReadSavepointOptions {
  /** Job whose operators read the state, made by `defineJob`. */
  readonly job: Job
  /** Name of the savepoint. Default: the newest checkpoint, as the ledger of the job names it. */
  readonly savepoint?: string | undefined
  /** Name of the job that took it. Default: the name of `job`. */
  readonly of?: string | undefined
  /** Clock for tests. Default: the system clock. */
  readonly clock?: GivenClock | undefined
}

/**
 * Reads the keyed state of a savepoint, or of the newest checkpoint, in a program or a test. Values
 * are decoded by the codecs of the job, and migrated to its versions; nothing is written, and a job
 * that runs does not notice. The state is held in memory.
 *
 * ```ts
 * const saved = await readSavepoint(storage, { job, savepoint: 'before-v2' })
 * for (const { key, value } of saved.entries<number>('count')) console.log(key, value)
 * ```
 *
 * @param storage storage of the job
 * @throws BAD_OPTION if an option is wrong
 * @throws SAVEPOINT_MISSING if there is no savepoint of this name
 * @throws SAVEPOINT_TOO_EARLY if the job has no checkpoint
 * @throws CANNOT_READ_STATE if the ledger cannot be read beside the job, or keeps the snapshots
 */
export async function readSavepoint(
  storage: CheckpointStorage,
  options: ReadSavepointOptions,
): Promise<CommittedState> {
  checkOptions(
    'readSavepoint',
    { storage, ...options },
    {
      storage: storageRule,
      job: required(withMethods('a job, made by defineJob', ['pipeline'])),
      savepoint: savepointNameRule,
      of: savepointNameRule,
      clock: withMethods('a clock', ['setTimeout']),
    },
  )
  const { job, savepoint: name, of = job.name, clock = systemClock } = options
  if (name === undefined) return newestOnce(job, storage, steadyClock(clock))
  const kept = await findSavepoint(storage, of, name)
  if (kept === null) throw savepointMissing(name, of, storage.place)
  const shards = kept.entries.length
  const rehearsal = () => buildPipeline(job, storage, shards)
  const loaded = await Promise.all(
    kept.entries.map((entry, shard) => {
      const from = keptSnapshots(storage, kept, entry)
      return loadedShard({ job: of, shard, shards, entry, from, rehearsal, clock: steadyClock(clock) })
    }),
  )
  return committedState(loaded)
}

/** The newest checkpoint of a job, looked up in its ledger each time. */
export interface NewestState {
  /** Reads from it, at once: the next call takes its tables. */
  read<R>(act: (state: CommittedState) => R): Promise<R>
  /** Lets the ledger go; a later call opens it anew, for itself. */
  close(): void
}

async function newestOnce(...of: Parameters<typeof newestState>): Promise<CommittedState> {
  const newest = newestState(...of)
  newest.close()
  return newest.read((all) => all)
}

/** Time between two looks at a job that moves on, ms; and their number. */
const pause = 100
const looks = 50

export function newestState(job: Job, storage: CheckpointStorage, clock: ReturnType<typeof steadyClock>): NewestState {
  let shards: readonly LoadedShard[] = []
  let last: Promise<unknown> = Promise.resolve()
  /** Kept open between calls, until it fails. */
  let kept: Promise<PlanStore> | null = null
  let closed = false

  async function load(cut: Cut): Promise<readonly LoadedShard[]> {
    const rehearsal = () => buildPipeline(job, storage, cut.entries.length)
    const before = shards
    // A failure on the way leaves tables that are of no checkpoint.
    shards = []
    const all: LoadedShard[] = []
    for (const [shard, entry] of cut.entries.entries()) {
      const known = before[shard]
      const isSame = known?.entry.checkpoint === entry.checkpoint && known.entry.lineage === entry.lineage
      const parts = { job: job.name, shard, shards: cut.entries.length, entry, rehearsal, clock }
      all.push(isSame ? known : await loadedShard({ ...parts, from: withInline(storage, entry.inline) }, known))
    }
    return all
  }

  async function view(): Promise<CommittedState> {
    const opened = kept ?? openStore()
    kept = opened
    try {
      const store = await opened
      for (let left = looks; ; left--) {
        const cut = await decidedCut({ job: job.name, store })
        try {
          if (cut !== null) shards = await load(cut)
          if (cut !== null) return committedState(shards)
        } catch (thrown) {
          // Superseded by a later checkpoint before it was read.
          if (!(thrown instanceof RxweftError && thrown.code === 'SNAPSHOT_MISSING') || left === 0) throw thrown
        }
        if (left === 0) throw movesOn(job.name)
        await sleep(clock, pause)
      }
    } catch (thrown) {
      letGo()
      throw thrown
    } finally {
      if (closed) letGo()
    }
  }

  function letGo(): void {
    kept?.then((store) => store.close()).catch(() => undefined)
    kept = null
  }

  async function openStore(): Promise<PlanStore> {
    const { ledger } = buildPipeline(job, storage)
    if (storage.inLedger || ledger.plans === undefined) throw cannotRead(job.name, ledger.place)
    return ledger.plans({ job: job.name, clock, signal: abortController().signal, tell: () => undefined })
  }

  return {
    read(act) {
      const next = last.then(view).then(act)
      last = next.catch(() => undefined)
      return next
    },
    close() {
      closed = true
      last.then(letGo)
    },
  }
}

function cannotRead(job: string, place: string): FatalError {
  return new FatalError('CANNOT_READ_STATE', `the snapshots of the job cannot be read beside it: ${place}`, {
    where: { job },
    hint: 'State in ledgerStorage() is read by the job only so far; use fileStorage or s3Storage. A ledger of your own needs `plans`',
  })
}

function movesOn(job: string): RetriableError {
  return new RetriableError('HISTORY_MOVED', 'the job superseded its checkpoints faster than they were read', {
    where: { job },
    hint: 'Shards move, or the state is large for the interval of checkpoints. Read it again',
  })
}
