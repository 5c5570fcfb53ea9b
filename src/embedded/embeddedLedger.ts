/**
 * The ledger of jobs with an embedded sink lies in the same file, so one transaction holds the
 * records of a checkpoint, its source offsets and the entry that decides it.
 *
 * Each fence increments the shard's epoch, and every transaction of a session first checks that the
 * epoch is still its own. LMDB lets one process write at a time, so a fenced session can write
 * nothing any more, staged batches included. The fence reads the entry in its own transaction: a
 * reader may not see yet what a killed process has decided (lmdbFile.ts).
 */
import type { AttemptContext, Resource } from '../attempt.ts'
import { encodeEntry } from '../checkpoint/ledgerCodec.ts'
import type { Ledger, LedgerSession } from '../contracts/ledger.ts'
import { FatalError, FencedError } from '../errors.ts'
import type { Meter } from '../meter.ts'
import { embeddedPlans } from './embeddedPlans.ts'
import type { LogCore } from './logCore.ts'
import { currentEntry, fenceShard } from './shardRows.ts'
import { type StagedWrites, stagedWrites } from './stagedWrites.ts'

export interface EmbeddedSession extends LedgerSession {
  /**
   * Adds a sink to the session.
   *
   * @param meter counts the bytes that it writes
   */
  enlist(meter?: Meter): StagedWrites
}

export interface EmbeddedLedger extends Ledger, Resource<EmbeddedSession> {
  open(attempt: AttemptContext): Promise<EmbeddedSession>
}

/** Size above which a sink keeps its output in the file instead of memory, bytes. */
const heldBytes = 8 * 1024 * 1024

const ledgers = new WeakMap<LogCore, EmbeddedLedger>()

/** Ledger of a log: one per log, so that several sinks of a job share their transactions. */
export function embeddedLedger(core: LogCore): EmbeddedLedger {
  const found = ledgers.get(core)
  if (found !== undefined) return found
  const made: EmbeddedLedger = {
    place: `the embedded log ${core.file.path}`,
    open: async (attempt) => embeddedSession(core, attempt, heldBytes),
    plans: async ({ job }) => embeddedPlans(core, job),
  }
  ledgers.set(core, made)
  return made
}

export function embeddedSession(
  core: LogCore,
  { job, shard, probe }: Pick<AttemptContext, 'job' | 'shard' | 'probe'>,
  heldBytes: number,
): EmbeddedSession {
  const { file, tables } = core
  const key = [job, shard]
  const enlisted: StagedWrites[] = []
  /** undefined: not fenced yet, or a commit has failed, so nothing may be written. */
  let epoch: number | undefined
  let closed = false

  /** Runs in a transaction, unless the session was fenced. */
  function transact(work: () => void): void {
    const mine = epoch
    if (mine === undefined) throw notFenced()
    file.transact(() => {
      if (tables.epochs.get(key) !== mine) throw fenced(file.path)
      work()
    })
  }

  return {
    async read() {
      file.refresh()
      return currentEntry(core, job, shard)
    },
    async fence() {
      if (closed) throw notFenced()
      const next = file.transact(() => fenceShard(core, job, shard))
      epoch = next.epoch
      return next.entry
    },
    async commit(entry, takeover, deciding) {
      deciding?.()
      try {
        transact(() => {
          if (!takeover) for (const one of enlisted) one.commit(entry.checkpoint)
          tables.ledger.put(key, encodeEntry(entry))
          if (!takeover) probe('ledger', entry.checkpoint)
        })
      } catch (thrown) {
        epoch = undefined
        throw thrown
      }
      for (const one of enlisted) one.committed(entry.checkpoint)
      core.changed()
    },
    enlist(meter) {
      const { store, place } = core
      const staged = (batch: number) => [...key, batch]
      const joined = stagedWrites(
        {
          transact,
          store,
          place,
          stage: (batch) => tables.staged.put(staged(batch), true),
          unstage: (batch) => tables.staged.remove(staged(batch)),
        },
        heldBytes,
        meter,
      )
      enlisted.push(joined)
      return joined
    },
    async close() {
      closed = true
      epoch = undefined
    },
  }
}

function fenced(file: string): FencedError {
  return new FencedError('LEDGER_OVERTAKEN', 'another run of the job has fenced this run', {
    where: { file },
    hint: 'The next attempt reads the ledger to find the owner of the job',
  })
}

function notFenced(): FatalError {
  return new FatalError('LEDGER_NOT_FENCED', 'a ledger session wrote to the log before it was fenced', {
    hint: 'Call fence() after opening a session, and again after a failed commit; not after close()',
  })
}
