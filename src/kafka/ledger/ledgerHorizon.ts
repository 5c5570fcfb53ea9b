/**
 * How far the ledger is known to reach, over all attempts of this process. A broker that reports an
 * earlier end, or a missing topic, is out of date: a paused or partitioned broker that was deposed
 * meanwhile still answers reads, up to its own old end.
 */
export interface LedgerHorizon {
  /** True if a topic of this name has been read. */
  knows(topic: string): boolean
  /** Known end of the partition; 0 if unknown. */
  of(topicId: string, partition: number): number
  /** Records that everything below this offset is decided and present on all in-sync replicas. */
  reached(topic: string, topicId: string, partition: number, offset: number): void
}

export function ledgerHorizon(): LedgerHorizon {
  const names = new Set<string>()
  const ends = new Map<string, number>()
  const of = (topicId: string, partition: number): number => ends.get(`${topicId} ${partition}`) ?? 0
  return {
    knows: (topic) => names.has(topic),
    of,
    reached(topic, topicId, partition, offset) {
      names.add(topic)
      ends.set(`${topicId} ${partition}`, Math.max(offset, of(topicId, partition)))
    },
  }
}
