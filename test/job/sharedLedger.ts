/**
 * A ledger apart from the storage, as that of Kafka: fencing by epochs, one entry a shard; it can
 * be lost.
 */
import type { Ledger, LedgerEntry } from '../../src/contracts/ledger.ts'
import { FencedError } from '../../src/openErrors.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import type { Effect } from './mortal.ts'

export interface SharedLedger {
  /** The sink, deciding here. @param effect sees what a session asks of the ledger */
  under<T>(sink: TransactionalSink<T>, effect?: Effect): TransactionalSink<T>
  entry(shard?: number): LedgerEntry | null
  /** Everything that was ever committed, in order. */
  readonly history: readonly LedgerEntry[]
  /** The topic is deleted, or another cluster stands behind its name. @param shard default: all */
  lose(shard?: number): void
  /** What it says is set back. */
  put(entry: LedgerEntry, shard?: number): void
}

export function sharedLedger(place = 'the ledger'): SharedLedger {
  const entries = new Map<number, LedgerEntry>()
  const epochs = new Map<number, number>()
  const history: LedgerEntry[] = []

  const ledger = (effect: Effect): Ledger => ({
    place,
    async open({ shard }) {
      let mine = -1
      const entryOf = async (of: number) => entries.get(of) ?? null
      return {
        read: () => effect(() => entryOf(shard)),
        fence: () =>
          effect(async () => {
            mine = (epochs.get(shard) ?? 0) + 1
            epochs.set(shard, mine)
            return entryOf(shard)
          }),
        commit: (entry) =>
          effect(async () => {
            if (mine !== epochs.get(shard)) throw new FencedError('INVALID_PRODUCER_EPOCH', 'fenced')
            entries.set(shard, entry)
            history.push(entry)
          }),
        close: async () => undefined,
      }
    },
  })

  return {
    under: (sink, effect = (act) => act()) => ({ ...sink, ledger: ledger(effect) }),
    entry: (shard = 0) => entries.get(shard) ?? null,
    history,
    lose(shard) {
      if (shard === undefined) entries.clear()
      else entries.delete(shard)
    },
    put: (entry, shard = 0) => void entries.set(shard, entry),
  }
}
