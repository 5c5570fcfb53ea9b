import { FatalError } from '../errors.ts'

/** Snapshots are to lie in a ledger that keeps none. */
export function noLedgerForSnapshots(): never {
  const what = 'ledgerStorage() keeps snapshots beside a ledger in Kafka, and the ledger of this job is elsewhere'
  throw new FatalError('BAD_OPTION', what, {
    hint: 'Use an exactly-once kafkaSink, or a storage such as fileStorage(folder)',
  })
}
