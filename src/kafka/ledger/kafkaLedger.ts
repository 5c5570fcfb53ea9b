/**
 * The ledger of jobs with an exactly-once Kafka sink: a topic written in the transactions that it
 * decides. One object per cluster and options, so that several sinks on one cluster share their
 * transactions.
 */

import type { AttemptContext, Resource } from '../../attempt.ts'
import type { Ledger } from '../../contracts/ledger.ts'
import { FatalError } from '../../errors.ts'
import type { KafkaCluster } from '../cluster.ts'
import { type TransactionSession, transactionSession } from '../sessions/transactionSession.ts'
import { kafkaPlans } from './kafkaPlans.ts'
import { ledgerHorizon } from './ledgerHorizon.ts'

export interface KafkaLedger extends Ledger, Resource<TransactionSession> {
  open(attempt: AttemptContext): Promise<TransactionSession>
}

const ledgers = new WeakMap<KafkaCluster, Map<string, KafkaLedger>>()

/** Default of the brokers' transaction.max.timeout.ms, ms. */
const brokerDefaultMaximum = 900_000

/**
 * @param transactionTimeout ms; default: twice the checkpoint interval plus timeout, at most the
 *   brokers' default maximum
 */
export function kafkaLedger(
  cluster: KafkaCluster,
  prefix: string,
  transactionTimeout: number | undefined,
): KafkaLedger {
  const known = ledgers.get(cluster) ?? new Map<string, KafkaLedger>()
  ledgers.set(cluster, known)
  const key = JSON.stringify([prefix, transactionTimeout])
  const found = known.get(key)
  if (found !== undefined) return found
  const horizon = ledgerHorizon()
  const made: KafkaLedger = {
    prefix,
    place: `the ledger topic of ${cluster.brokers.join(',')} (prefix ${prefix}, transaction timeout ${transactionTimeout ?? 'default'})`,
    open(attempt) {
      const timeout = transactionTimeout ?? Math.min(2 * attempt.longestTransaction, brokerDefaultMaximum)
      checkTimeout(timeout, attempt.longestTransaction)
      return transactionSession(attempt, cluster, { prefix, transactionTimeout: timeout, horizon })
    },
    plans: (context) => kafkaPlans(context, cluster, prefix, horizon),
  }
  known.set(key, made)
  return made
}

/**
 * If the cluster aborts a transaction while its checkpoint may still complete, the checkpoint
 * fails.
 */
function checkTimeout(timeout: number, longest: number): void {
  if (timeout > longest) return
  throw new FatalError(
    'TRANSACTION_TIMEOUT_TOO_SHORT',
    `a transaction may last ${longest} ms (checkpoint interval + timeout), but the cluster would abort it after ${timeout} ms`,
    { hint: 'Raise transactionTimeout above this sum, or lower checkpointing.interval or checkpointing.timeout' },
  )
}
