/**
 * Loads the state of a shard while another member still runs it, so that its hand-over waits for
 * the last changes only:
 *
 *   there   40 ------ 41 ------ 42 ------ 43 released
 *   here      loads 40  ready     loads 42           takes over, loads 43, runs
 *
 * Tables belong to operators, so a rehearsal (rehearse.ts) opens them, and is thrown away. The next
 * one begins with its tables, and so does the pipeline that runs in the end (StateTables.renewed).
 *
 * Nothing is decided here. What is loaded counts as far as the entry that is taken over continues
 * it (loadState.ts). Failures are not told: the recovery after the takeover meets them again, or
 * does without what was loaded ahead.
 */
import { withInline } from '../checkpoint/inline.ts'
import { readStates } from '../checkpoint/snapshotChain.ts'
import { abortController, othersTurn, sleep } from '../clock.ts'
import { chunksOf, inPieces } from '../contracts/chunks.ts'
import type { LedgerEntry, LedgerSession } from '../contracts/ledger.ts'
import { type CheckpointStorage, readingThrough } from '../contracts/storage.ts'
import type { OperatorId } from '../record.ts'
import { keyedState } from '../state/store.ts'
import type { OwnedAttempt } from './attemptContext.ts'
import { continued, type LoadedState, loadEntries } from './loadState.ts'
import type { BuiltPipeline } from './pipeline.ts'
import { rehearse } from './rehearse.ts'

export interface WarmUpParts {
  readonly attempt: OwnedAttempt
  readonly session: Pick<LedgerSession, 'read'>
  readonly storage: CheckpointStorage
  readonly lineage: string
  /** Entry that was read a moment ago: the first look takes this one, and delays no takeover. */
  readonly known: LedgerEntry | null
  /** Makes a pipeline of the job. */
  readonly rehearsal: () => BuiltPipeline
  /** Called once, when the state of a checkpoint is loaded, or will not be. */
  readonly loaded: () => void
}

export interface WarmUp {
  /** Ends it. Resolves once the ledger is no longer read: a takeover must be alone with it. */
  end(): Promise<void>
  /** After `end`: resolves once what was begun is loaded; with null if nothing is. */
  result(): Promise<LoadedState | null>
}

/** Interval of looking for a newer checkpoint, ms. */
const interval = 500

/** Number of failures after which the shard counts as ready all the same. */
const tries = 5

/** Bytes that are loaded at once: other shards of the thread run in between. */
const pieceBytes = 128 * 1024

export function warmUp({ attempt, session, storage, lineage, known, rehearsal, loaded }: WarmUpParts): WarmUp {
  const { clock, signal, job, shard } = attempt
  const empty = attempt.opened(keyedState)
  const over = abortController()
  let reading: Promise<unknown> = Promise.resolve()
  let state: LoadedState | null = null
  let first = known

  async function load(entry: LedgerEntry, snapshot: NonNullable<LedgerEntry['snapshot']>): Promise<void> {
    const from = withInline(inTurns(storage), entry.inline)
    const restored = await readStates(from, snapshot, { job, shard, lineage })
    const before = state
    const keeping = before === null ? new Set<OperatorId>() : continued(before, restored)
    // A failure on the way leaves tables that are of no checkpoint.
    state = null
    const tables = (before?.tables ?? empty).renewed?.(keeping) ?? empty
    rehearse(rehearsal(), tables, { checkpoint: entry.checkpoint, states: restored.states }, attempt)
    await loadEntries(tables, from, snapshot, restored, keeping, before?.checkpoint)
    state = { tables, checkpoint: entry.checkpoint, keys: new Set(restored.chain.map(({ key }) => key)) }
  }

  function newest(): Promise<LedgerEntry | null> {
    const asked = first === null ? session.read() : Promise.resolve(first)
    first = null
    reading = asked.catch(() => undefined)
    return asked
  }

  async function look(): Promise<void> {
    const entry = await newest()
    if (entry === null || entry.lineage !== lineage || entry.checkpoint === state?.checkpoint) return
    if (entry.snapshot !== null) await load(entry, entry.snapshot)
  }

  async function follow(): Promise<void> {
    const possible = empty.renewed !== undefined
    let told = false
    for (let left = possible ? tries : 0; !over.signal.aborted && !signal.aborted; ) {
      const failed =
        left === 0 ||
        (await look().then(
          () => false,
          () => true,
        ))
      if (failed && left > 0) left -= 1
      if (!told && (!failed || left === 0)) {
        told = true
        loaded()
      }
      await sleep(clock, interval, signal, over.signal)
    }
  }

  const following = follow()
  return {
    async end() {
      over.abort()
      await reading
    },
    async result() {
      await following
      return state
    },
  }
}

/** Reads in small pieces, between which others have their turn. */
function inTurns(storage: CheckpointStorage): CheckpointStorage {
  async function* pieces(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of inPieces(chunksOf(chunks), pieceBytes)) {
      yield piece
      await othersTurn()
    }
  }
  return readingThrough(storage, pieces)
}
