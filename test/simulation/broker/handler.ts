/** What a handler of requests is, and what all handlers work on. */
import type { ProducedPartition } from '../../../src/kafka/protocol/produce.ts'
import type { Agenda } from '../core/agenda.ts'
import type { Random } from '../core/random.ts'
import type { Trace } from '../core/trace.ts'
import type { Controller } from './controller.ts'
import type { Groups } from './groups.ts'
import type { Moods } from './moods.ts'
import type { Topology } from './topology.ts'
import type { Transactions } from './transactions.ts'

/** A request as it arrives, decoded. */
export interface Arrived {
  readonly node: number
  readonly version: number
  // biome-ignore lint/suspicious/noExplicitAny: each handler knows the arguments of its own request
  readonly args: any
}

export type Handler = (request: Arrived, reply: (answer: unknown) => void) => void

export type Refuses = (topic: string, records: Buffer) => Pick<ProducedPartition, 'errorCode' | 'refused'> | null

/** What all handlers work on. */
export interface Shared {
  readonly agenda: Agenda
  readonly random: Random
  readonly trace: Trace
  readonly moods: Moods
  readonly topology: Topology
  readonly controller: Controller
  readonly groups: Groups
  readonly transactions: Transactions
  readonly verifies: boolean
  /** No broker answers for a group. */
  groupsAway: boolean
  /** No broker answers for a transactional id. */
  transactionsAway: boolean
  newProducerId(): number
  /** Why a leader refuses what is in a batch; null: it does not. */
  readonly refuses: Refuses
  /** Something may have become readable. */
  progressed(): void
  /** Calls at each progress, until it answers true. */
  onProgress(listener: () => boolean): void
}

/** Names of places in a transaction. */
export const placeOf = (topic: string, partition: number): string => `log ${topic} ${partition}`
export const placeOfGroup = (group: string): string => `group ${group}`
