/** All open transactions of a cluster, from their coordinators. */
import { brokerError } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import type { TopicPartition } from '../protocol/api.ts'
import { describeTransactions } from '../protocol/describeTransactions.ts'
import { listTransactions } from '../protocol/listTransactions.ts'

export interface ClusterTransaction {
  readonly transactionalId: string
  readonly producerId: number
  /** As Kafka names it, such as `Ongoing`. */
  readonly state: string
  /** Beginning, by the broker's clock, ms since the epoch; null if unknown. */
  readonly startedAt: number | null
  /** Time after which the cluster aborts it, ms. */
  readonly timeout: number
  readonly partitions: readonly TopicPartition[]
}

/** States of a transaction that readers wait for. */
const open: readonly string[] = ['Ongoing', 'PrepareCommit', 'PrepareAbort', 'PrepareEpochFence']

/** Oldest first. Rejects with the broker's error, or if one of the brokers does not answer. */
export async function openTransactions(
  connections: Pick<Connections, 'call' | 'metadata'>,
): Promise<readonly ClusterTransaction[]> {
  const { brokers } = await connections.metadata([])
  const found = await Promise.all(brokers.map(({ node }) => openAt(connections, node)))
  return found.flat().sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0))
}

async function openAt(connections: Pick<Connections, 'call'>, node: number): Promise<readonly ClusterTransaction[]> {
  // Kafka before 4.0 knows no PrepareEpochFence, and says so instead of refusing it.
  const { errorCode, transactions } = await connections.call(node, listTransactions, open)
  if (errorCode !== 0) throw brokerError(errorCode, 'ListTransactions', {})
  if (transactions.length === 0) return []
  const ids = transactions.map(({ transactionalId }) => transactionalId)
  const described = await connections.call(node, describeTransactions, ids)
  return described.flatMap(({ errorCode: ended, startedAt, ...one }) =>
    // One that has ended meanwhile, or may not be described, is not open for us.
    ended !== 0 || !open.includes(one.state) ? [] : [{ ...one, startedAt: startedAt < 0 ? null : startedAt }],
  )
}
