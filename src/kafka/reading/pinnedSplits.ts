/**
 * Splits blocked by an open transaction: they have records, and none is readable. The transaction
 * may be a hanging one, whose producer is gone and which nobody will end. Readers must wait for it,
 * and this reports that they do.
 */
import type { AttemptContext } from '../../attempt.ts'
import type { Split } from '../../record.ts'
import type { Connections } from '../nodes/connections.ts'
import type { FetchedPartition } from '../protocol/fetch.ts'
import { openTransaction } from './openTransaction.ts'

export interface PinnedSplits<S> {
  /** Must be called with each answer without an error. */
  answered(split: S, leader: number, answer: FetchedPartition): void
}

/** Delay of the first notice, ms; each further one follows when the duration has doubled. */
const firstNotice = 5_000

export function pinnedSplits<S extends Split & { readonly fetchOffset: number }>(
  { clock, tell, signal }: Pick<AttemptContext, 'clock' | 'tell' | 'signal'>,
  connections: Pick<Connections, 'call'>,
): PinnedSplits<S> {
  const pinned = new Map<S, { readonly since: number; notice: number }>()

  async function notice(split: S, leader: number, duration: number): Promise<void> {
    const { topic, partition, fetchOffset: offset } = split
    const { producerId = null, firstOffset = null } = (await openTransaction(connections, leader, split)) ?? {}
    if (signal.aborted || !pinned.has(split)) return
    tell({ type: 'partition-pinned', topic, partition, offset, producerId, firstOffset, duration })
  }

  return {
    answered(split, leader, { records, lastStableOffset, highWatermark }) {
      const waits = records.length === 0 && lastStableOffset <= split.fetchOffset && split.fetchOffset < highWatermark
      if (!waits) return void pinned.delete(split)
      const now = clock.monotonic()
      const its = pinned.get(split) ?? { since: now, notice: firstNotice }
      pinned.set(split, its)
      const duration = Math.round(now - its.since)
      if (duration < its.notice) return
      its.notice = duration * 2
      void notice(split, leader, duration)
    },
  }
}
