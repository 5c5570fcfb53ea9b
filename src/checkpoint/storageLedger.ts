/**
 * The ledger of a job whose sinks cannot hold the decision: write-once keys beside the snapshots
 * (numberedKeys.ts). A commit puts the number after the one read: a compare-and-set. It needs no
 * fence beforehand, since a session that has not seen the newest entry cannot put the next one.
 *
 * Two keys cannot be put together, so entries that are decided with a plan stand in the plan
 * (storagePlans.ts). Such an entry is the current one until the shard has one of the same plan, or
 * of a later one. A job without a plan does not look for one.
 */

import type { AttemptContext } from '../attempt.ts'
import type { Ledger, LedgerEntry, LedgerSession } from '../contracts/ledger.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { FatalError, FencedError } from '../errors.ts'
import { exclusiveTrial } from './exclusiveTrial.ts'
import { decodeEntry, encodeEntry } from './ledgerCodec.ts'
import { ledgerKey, ledgerPrefix, parseLedgerKey, trialKey } from './names.ts'
import { type NumberedKeys, numberedKeys } from './numberedKeys.ts'
import { newestPlan, storagePlans } from './storagePlans.ts'

export function storageLedger(storage: CheckpointStorage): Ledger {
  return {
    place: storage.place,
    async open(attempt) {
      const { job, shard, attempt: id } = attempt
      if (!storage.exclusive) await exclusiveTrial(storage, trialKey(job, shard, id))
      return openSession(storage, attempt)
    },
    plans: async ({ job }) => storagePlans(storage, job, (shard) => plannedEntry(storage, job, shard)),
  }
}

function entryKeys(storage: CheckpointStorage, job: string, shard: number): NumberedKeys {
  const keyOf = (number: number) => ledgerKey(job, shard, number)
  return numberedKeys(storage, { prefix: ledgerPrefix(job, shard), keyOf, numberOf: parseLedgerKey })
}

interface Current {
  /** Number of the newest key; 0 if there is none. */
  readonly number: number
  readonly entry: LedgerEntry | null
}

async function ownEntry(keys: NumberedKeys): Promise<Current> {
  const { number, bytes, place } = await keys.newest()
  return { number, entry: bytes === null ? null : decodeEntry(bytes, place) }
}

async function plannedEntry(
  storage: CheckpointStorage,
  job: string,
  shard: number,
  keys = entryKeys(storage, job, shard),
): Promise<Current> {
  const { number, entry } = await ownEntry(keys)
  const planned = (await newestPlan(storage, job)).entries.get(shard) ?? null
  const superseded = entry === null || (entry.plan ?? 0) < (planned?.plan ?? 0)
  return { number, entry: superseded ? (planned ?? entry) : entry }
}

function openSession(storage: CheckpointStorage, { job, shard, planned }: AttemptContext): LedgerSession {
  const keys = entryKeys(storage, job, shard)
  const current = () => (planned ? plannedEntry(storage, job, shard, keys) : ownEntry(keys))
  /** Number read or committed last; undefined: unknown, so nothing may be committed. */
  let last: number | undefined

  async function read(): Promise<LedgerEntry | null> {
    const { number, entry } = await current()
    last = number
    return entry
  }

  async function commit(entry: LedgerEntry, _takeover: boolean, deciding?: () => void): Promise<void> {
    if (last === undefined) throw notFenced()
    const mine = last + 1
    last = undefined
    deciding?.()
    await keys.append(mine, encodeEntry(entry), (cause) => overtaken(storage.place, cause))
    last = mine
  }

  return {
    read,
    fence: read,
    commit,
    async close() {
      last = undefined
    },
  }
}

function overtaken(place: string, cause?: unknown): FencedError {
  return new FencedError('LEDGER_OVERTAKEN', `another run has committed to the ledger in ${place} in the meantime`, {
    hint: 'Read the ledger again to find the owner of the job, and whether this commit succeeded',
    cause,
  })
}

function notFenced(): FatalError {
  return new FatalError('LEDGER_NOT_FENCED', 'a ledger session committed before it was fenced', {
    hint: 'Call fence() after opening a session, and again after a failed commit',
  })
}
