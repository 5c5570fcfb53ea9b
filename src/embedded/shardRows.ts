/** A shard's rows in an embedded log: its ledger entry, its fences, and what it has staged. */
import { decodeEntry } from '../checkpoint/ledgerCodec.ts'
import type { LedgerEntry } from '../contracts/ledger.ts'
import type { LogCore } from './logCore.ts'

type Rows = Pick<LogCore, 'tables' | 'file'>

export function currentEntry({ tables, file }: Rows, job: string, shard: number): LedgerEntry | null {
  const bytes = tables.ledger.get([job, shard])
  return bytes === undefined ? null : decodeEntry(bytes, `${job}/${shard} in ${file.path}`)
}

/** Within a transaction: ends what earlier sessions of the shard have staged, and fences them. */
export function fenceShard(
  rows: Rows,
  job: string,
  shard: number,
): { readonly epoch: number; readonly entry: LedgerEntry | null } {
  const { batches, epochs, staged } = rows.tables
  const key = [job, shard]
  const epoch = (epochs.get(key) ?? 0) + 1
  epochs.put(key, epoch)
  for (const { key: batch } of staged.range(key, [...key, Number.MAX_SAFE_INTEGER])) {
    batches.remove([batch[2] as number])
    staged.remove(batch)
  }
  return { epoch, entry: currentEntry(rows, job, shard) }
}
