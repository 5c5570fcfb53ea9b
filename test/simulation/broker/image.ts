/** What a node knew of the cluster when it last heard of it: who leads what at which epoch, and who coordinates what. */
import type { Led } from './led.ts'
import type { Topology } from './topology.ts'

export interface Image {
  readonly leaders: ReadonlyMap<Led, { readonly leader: number; readonly epoch: number }>
  readonly coordinators: ReadonlyMap<string, number>
}

export function imageOf({ partitions, coordinators }: Topology): Image {
  return {
    leaders: new Map(partitions.map((one) => [one, { leader: one.leader, epoch: one.epoch }])),
    coordinators: new Map(coordinators),
  }
}
