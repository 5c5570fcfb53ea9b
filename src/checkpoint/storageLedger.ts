/**
 * The ledger of a job whose sinks cannot hold the decision: write-once keys beside the snapshots.
 *
 *   uppercase/0/ledger/...033   ...034 <- current   ...035 <- the first put decides
 *
 * A commit puts the sequence after the one read: a compare-and-set. It needs no fence beforehand,
 * since a session that has not seen the newest entry cannot put the next one. Only the last two
 * entries are kept, so a session may sleep until its next sequence is free again; it then finds a
 * higher one after its put, and removes its own. (The same happens to a session whose entry was
 * already built upon before it looked: that entry did count, but the session is fenced all the
 * same.)
 */

import type { AttemptContext } from '../attempt.ts'
import type { Ledger, LedgerEntry, LedgerSession } from '../contracts/ledger.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { CorruptedError, FatalError, FencedError, RxweftError } from '../errors.ts'
import { decodeEntry, encodeEntry } from './ledgerCodec.ts'
import { ledgerKey, ledgerPrefix, parseLedgerKey } from './names.ts'

/**
 * An entry may be removed between list and get, because a newer one has come. A healthy ledger does
 * not move this often.
 */
const readTries = 100

export function storageLedger(storage: CheckpointStorage): Ledger {
  return { place: storage.place, open: async (attempt) => openSession(storage, attempt) }
}

function openSession(storage: CheckpointStorage, { job, shard }: AttemptContext): LedgerSession {
  /**
   * Sequence read or committed last; 0 for none; undefined: unknown, so nothing may be committed.
   */
  let last: number | undefined

  async function sequences(of: number): Promise<readonly number[]> {
    const keys = await storage.list(ledgerPrefix(job, of))
    return keys.flatMap((key) => parseLedgerKey(key) ?? [])
  }

  async function newest(of: number): Promise<{ readonly sequence: number; readonly entry: LedgerEntry | null }> {
    for (let tries = 0; tries < readTries; tries++) {
      const sequence = (await sequences(of)).at(-1) ?? 0
      const key = ledgerKey(job, of, sequence)
      const bytes = sequence === 0 ? null : await storage.get(key)
      if (sequence !== 0 && bytes === null) continue
      return { sequence, entry: bytes === null ? null : decodeEntry(bytes, `${key} in ${storage.place}`) }
    }
    throw vanishing(storage.place)
  }

  async function read(): Promise<LedgerEntry | null> {
    const { sequence, entry } = await newest(shard)
    last = sequence
    return entry
  }

  async function commit(entry: LedgerEntry, _takeover: boolean, deciding?: () => void): Promise<void> {
    if (last === undefined) throw notFenced()
    const mine = last + 1
    const key = ledgerKey(job, shard, mine)
    last = undefined
    deciding?.()
    await storage.put(key, encodeEntry(entry)).catch((thrown) => {
      throw isTaken(thrown) ? overtaken(storage.place, thrown) : thrown
    })
    const known = await sequences(shard)
    if (known.some((sequence) => sequence > mine)) {
      await storage.remove(key)
      throw overtaken(storage.place)
    }
    last = mine
    for (const old of known.filter((sequence) => sequence < mine - 1)) await discard(old)
  }

  /** Old entries are garbage, and failing to remove them must not fail a finished commit. */
  async function discard(sequence: number): Promise<void> {
    await storage.remove(ledgerKey(job, shard, sequence)).catch(() => undefined)
  }

  return {
    read,
    readFirst: async () => (await newest(0)).entry,
    fence: read,
    commit,
    async close() {
      last = undefined
    },
  }
}

function isTaken(thrown: unknown): boolean {
  return thrown instanceof RxweftError && thrown.code === 'KEY_EXISTS'
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

function vanishing(place: string): CorruptedError {
  return new CorruptedError(
    'LEDGER_DAMAGED',
    `the newest entry of the ledger in ${place} is listed and cannot be read`,
    {
      hint: 'Check that the storage shows the same files to all its users',
    },
  )
}
