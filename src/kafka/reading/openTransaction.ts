/** Finds the transaction that blocks reads of a partition, by DescribeProducers at the leader. */
import type { Split } from '../../record.ts'
import type { Connections } from '../nodes/connections.ts'
import { describeProducers } from '../protocol/describeProducers.ts'

export interface OpenTransaction {
  readonly producerId: number
  /** Offset of its first record. */
  readonly firstOffset: number
}

/**
 * The oldest open transaction; null if none is open or the broker does not tell. Never rejects: the
 * result is only for a notice.
 */
export async function openTransaction(
  connections: Pick<Connections, 'call'>,
  leader: number,
  split: Split,
): Promise<OpenTransaction | null> {
  const { topic, partition } = split
  const [answer] = await connections.call(leader, describeProducers, [{ topic, partition }]).catch(() => [])
  const open = (answer?.producers ?? []).filter(({ transactionStart }) => transactionStart >= 0)
  const [oldest] = open.sort((a, b) => a.transactionStart - b.transactionStart)
  return oldest === undefined ? null : { producerId: oldest.producerId, firstOffset: oldest.transactionStart }
}
