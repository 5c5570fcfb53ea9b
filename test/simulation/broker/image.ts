/** What a node knew of the cluster when it last heard of it: who leads and who coordinates what, and how transactions stood. */
import type { Led } from './led.ts'
import type { TransactionStates } from './transactions.ts'

export interface Image {
  readonly leaders: ReadonlyMap<Led, { readonly leader: number; readonly epoch: number }>
  readonly coordinators: ReadonlyMap<string, number>
  readonly transactions: TransactionStates
}

/** What there is to know: part of a topology. */
interface Known {
  readonly partitions: readonly Led[]
  readonly coordinators: ReadonlyMap<string, number>
}

export function imageOf({ partitions, coordinators }: Known, transactions: TransactionStates): Image {
  return {
    transactions,
    leaders: new Map(partitions.map((one) => [one, { leader: one.leader, epoch: one.epoch }])),
    coordinators: new Map(coordinators),
  }
}
