/**
 * One partition: who leads it, who is in sync, and which replica has what. All replicas that are in sync have the same `log`; what
 * only its leader has is `ahead` of it, and can still be lost:
 *
 *   log     a b c d | high watermark: readers see no more       ahead   a b c d e f | log end
 *
 * The followers of a leader that is deposed turn to the next one. What the old one does until it hears of that, it does alone: it
 * answers reads up to its own high watermark, and may append what never gets replicated.
 */
import { type PartitionLog, partitionLog } from './partitionLog.ts'

/** What a node has that leads a partition, or thinks that it does. */
export interface Replica {
  log: PartitionLog
  /** null: all in-sync replicas have everything. */
  ahead: PartitionLog | null
}

export interface Led extends Replica {
  readonly topic: string
  readonly partition: number
  /** Acks of 'all' want so many replicas in sync; never more than there are. */
  readonly minIsr: number
  leader: number
  /** Rises with each election. */
  epoch: number
  /** In-sync replicas, the leader among them; only the controller changes it. */
  isr: readonly number[]
  /** By node: what leaders have that were deposed and have not heard of it. */
  readonly deposed: Map<number, Replica>
}

export function led(topic: string, partition: number, leader: number, isr: readonly number[], minIsr: number): Led {
  const empty = { log: partitionLog(), ahead: null }
  return { topic, partition, minIsr: Math.min(minIsr, isr.length), leader, epoch: 0, isr, deposed: new Map(), ...empty }
}

/** Another leader takes over. @param kept it has had everything from its predecessor, also what was not acked yet */
export function depose(partition: Led, leader: number, kept: boolean, hears: boolean): void {
  const { log, ahead } = partition
  if (!hears) partition.deposed.set(partition.leader, { log: log.copy(), ahead })
  if (ahead !== null && kept) partition.log = hears ? ahead : ahead.copy()
  partition.ahead = null
  partition.leader = leader
  partition.epoch += 1
}

/** All in-sync replicas have what the leader has. */
export function catchUp(partition: Led): void {
  if (partition.ahead === null) return
  partition.log = partition.ahead
  partition.ahead = null
}

/** Appends to what the leader alone has, or to everybody's at once. */
export function appendTo(
  replica: Replica,
  replicated: boolean,
  records: Buffer,
  epoch: number,
): ReturnType<PartitionLog['append']> {
  if (replicated && replica.ahead === null) return replica.log.append(records, epoch)
  replica.ahead ??= replica.log.copy()
  return replica.ahead.append(records, epoch)
}
