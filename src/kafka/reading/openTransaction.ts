/** Which transaction keeps a partition from being read: DescribeProducers, asked of the leader. */
import type { Split } from '../../record.ts'
import type { Connections } from '../nodes/connections.ts'
import { describeProducers } from '../protocol/describeProducers.ts'

export interface OpenTransaction {
  readonly producerId: number
  /** The offset at which it begins. */
  readonly firstOffset: number
}

/**
 * The oldest open one; null where there is none or the broker does not say. Never rejects: it is
 * only for a message.
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
