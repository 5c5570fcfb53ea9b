/** Sends records outside of the transactions of a session, each once. */
import type { AttemptContext } from '../../attempt.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import type { Ack } from './delivery.ts'
import { type Parcel, producer } from './producer.ts'

/** Its producer id is obtained by the first call. */
export function apart(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Connections,
  leaders: Leaders,
): (parcels: readonly Parcel[]) => Promise<readonly Ack[]> {
  const identity = { transactionalId: null, transactionTimeout: 0, acks: -1 } as const
  const plain = producer(attempt, connections, leaders, identity)
  let begun: Promise<void> | undefined
  return async (parcels) => {
    begun ??= plain.init()
    await begun
    return plain.send(parcels)
  }
}
