import { noLedgerForSnapshots } from '../../checkpoint/inLedger.ts'
import { inlineBytes } from '../../checkpoint/inline.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'

/**
 * Keeps the snapshots in Kafka, beside the job's ledger: no disk, no bucket. Only for jobs with an
 * exactly-once Kafka sink, whose ledger is a topic.
 *
 * ```ts
 * execute(job, { storage: ledgerStorage() })
 * ```
 *
 * Snapshots of up to 16 KiB in all travel in the ledger entry. Larger ones are records of a topic
 * of the job, PREFIX-JOB-state, in the transaction that decides them, so none is ever an orphan;
 * superseded ones are deleted. Good for some 100 MiB of state per shard.
 *
 * Nothing outside the cluster remembers the job: if its topics are lost, a start begins anew and
 * processes its sources again, where other storages refuse it with LINEAGE_MISMATCH.
 *
 * @throws BAD_OPTION when the job starts, if its ledger is not in Kafka
 */
export function ledgerStorage(): CheckpointStorage {
  const notHere = async (): Promise<never> => noLedgerForSnapshots()
  return {
    ...{ place: "the job's ledger", shared: true, inLedger: true, inline: inlineBytes },
    ...{ put: notHere, get: notHere, list: notHere, remove: notHere },
  }
}
