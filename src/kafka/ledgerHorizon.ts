/**
 * How far the ledger is known to reach, over all attempts of this process: whoever says that it ends before that has not heard of
 * everything. A broker that was paused or cut off, and deposed meanwhile, answers reads up to its own old end.
 */
export interface LedgerHorizon {
  /** 0 where nothing is known. */
  of(topicId: string, partition: number): number
  /** Everything below this offset is decided and acked by all in-sync replicas. */
  reached(topicId: string, partition: number, offset: number): void
}

export function ledgerHorizon(): LedgerHorizon {
  const ends = new Map<string, number>()
  const of = (topicId: string, partition: number): number => ends.get(`${topicId} ${partition}`) ?? 0
  return {
    of,
    reached(topicId, partition, offset) {
      ends.set(`${topicId} ${partition}`, Math.max(offset, of(topicId, partition)))
    },
  }
}
