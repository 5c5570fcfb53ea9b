/**
 * How far the ledger is known to reach, over all attempts of this process: whoever says that it
 * ends before that, or that there is none, has not heard of everything. A broker that was paused or
 * cut off, and deposed meanwhile, answers reads up to its own old end.
 */
export interface LedgerHorizon {
  /** Whether anything is known of a topic of this name. */
  knows(topic: string): boolean
  /** 0 where nothing is known. */
  of(topicId: string, partition: number): number
  /** Everything below this offset is decided, and all in-sync replicas have it. */
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
