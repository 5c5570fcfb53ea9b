/** Where a conformance script runs: a real broker or the simulated ones, behind the same port. */
import type { Connections } from '../../../src/kafka/connections.ts'

export interface Ground {
  readonly connections: Connections
  createTopic(): Promise<string>
  /** A transactional id or group that nobody has used before. */
  name(): string
  pause(ms: number): Promise<void>
}
