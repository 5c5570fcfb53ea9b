/** The offsets of consumer groups: those of a transaction become visible with its commit. */
import type { TopicPartition } from '../../../src/kafka/protocol/api.ts'

export interface GroupOffset extends TopicPartition {
  readonly offset: number
}

export interface Groups {
  committed(group: string): ReadonlyMap<string, number>
  /** Part of a transaction. */
  pending(group: string, producerId: number, offsets: readonly GroupOffset[]): void
  mark(group: string, producerId: number, committed: boolean): void
  /** A plain OffsetCommit, of whatever tool. */
  commit(group: string, offsets: readonly GroupOffset[]): void
}

export function groups(): Groups {
  const visible = new Map<string, Map<string, number>>()
  const open = new Map<string, readonly GroupOffset[]>()
  const of = (group: string): Map<string, number> => {
    const found = visible.get(group) ?? new Map<string, number>()
    visible.set(group, found)
    return found
  }

  function commit(group: string, offsets: readonly GroupOffset[]): void {
    for (const { topic, partition, offset } of offsets) of(group).set(`${topic}/${partition}`, offset)
  }

  return {
    committed: of,
    commit,
    pending(group, producerId, offsets) {
      const key = `${group} ${producerId}`
      open.set(key, [...(open.get(key) ?? []), ...offsets])
    },
    mark(group, producerId, committed) {
      const key = `${group} ${producerId}`
      if (committed) commit(group, open.get(key) ?? [])
      open.delete(key)
    },
  }
}
