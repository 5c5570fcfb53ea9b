/** Where a conformance script runs: a real broker or the simulated ones, behind the same port. */
import type { Connections } from '../../../src/kafka/nodes/connections.ts'

export interface Ground {
  readonly connections: Connections
  /** Connections of another client, closed with the ground. */
  connect(): Promise<Connections>
  /** @param minIsr acks of 'all' want so many replicas; there is one */
  createTopic(minIsr?: number): Promise<string>
  /** A transactional id or group that nobody has used before. */
  name(): string
  pause(ms: number): Promise<void>
  /** Brings the epoch of a transactional id to this one: by as many InitProducerIds on a real broker, which takes minutes. */
  age(id: string, epoch: number): Promise<void>
}
