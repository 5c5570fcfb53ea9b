/** Sends records outside of the transactions of a session, each once. */
import type { AttemptContext } from '../../attempt.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import type { Ack } from './delivery.ts'
import { type Parcel, type Producer, producer } from './producer.ts'

export interface ApartOptions {
  /** How long a batch is sent again, ms. Default: that of `producer`. */
  readonly limit?: number
  /** Called before a producer id is obtained. */
  readonly ready?: () => Promise<unknown>
}

/** The producer id is obtained by the first call, and again after one that has failed. */
export function apart(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Connections,
  leaders: Leaders,
  { ready, ...limits }: ApartOptions = {},
): (parcels: readonly Parcel[]) => Promise<readonly Ack[]> {
  let plain: Promise<Producer> | null = null

  async function opened(): Promise<Producer> {
    await ready?.()
    const identity = { transactionalId: null, transactionTimeout: 0, acks: -1, ...limits } as const
    const made = producer(attempt, connections, leaders, identity)
    await made.init()
    return made
  }

  return async (parcels) => {
    try {
      plain ??= opened()
      return await (await plain).send(parcels)
    } catch (thrown) {
      // Its sequence numbers are in doubt.
      plain = null
      throw thrown
    }
  }
}
