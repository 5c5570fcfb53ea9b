/** Fault that can happen to a job; `npm test` and `npm run chaos` share one list. */
import type { Site } from './site.ts'

export interface Fault {
  /** The row of the table: "SIGKILL at the step "ending"". */
  readonly name: string
  /** How often it happens in the short version, default 0: only under `npm run chaos`. */
  readonly short?: number
  /** Where it can happen at all; default 2. See Arena. */
  readonly protocol?: 1
  /** What the job ends with, since going on would be wrong, until the damage is healed: the code of its error. */
  readonly mustStop?: string
  /** Why it cannot happen on this machine; null: it can. */
  impossible?(): Promise<string | null>
  /**
   * Makes it happen, heals what was broken, and resolves: what follows is the recovery. Leaves at most one copy alive. Rejects where
   * the job does not behave as it must.
   */
  inject(site: Site): Promise<void>
}

/** The steps of the checkpoint protocol, in order. */
export const steps = ['barrier', 'prepared', 'stored', 'ledger', 'ending', 'committed', 'rolled'] as const

/** Kafka's numbers of requests. */
export const api = {
  produce: 0,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  addOffsetsToTxn: 25,
  endTxn: 26,
  txnOffsetCommit: 28,
} as const
