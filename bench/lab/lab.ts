/** What every scenario works with. */
import type { Jvm } from '../jvm/jvm.ts'
import type { Plan } from '../plan.ts'
import type { Run } from '../report/results.ts'
import type { Topics } from './topics.ts'

export interface Lab {
  /** host:port,host:port */
  readonly brokers: string
  /** The process of the broker, where it was started here. */
  readonly brokerPid: number | null
  readonly topics: Topics
  readonly jvm: Jvm
  readonly plan: Plan
  /** For the checkpoints of all programs, each in a folder of its own below it. */
  readonly folder: string
  /** Whether this program was asked for (`--peers`). */
  wants(peer: string): boolean
  say(line: string): void
  /** Keeps the run, and prints it. */
  record(run: Run): void
}

export type Scenario = (lab: Lab) => Promise<void>
