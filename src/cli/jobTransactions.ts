/** Open transactions that concern a job: a pure function over those of its cluster. */
import type { ClusterTransaction } from '../kafka/sessions/openTransactions.ts'

export interface JobTransaction extends ClusterTransaction {
  /** Time since its beginning, ms; null if unknown. */
  readonly age: number | null
  /** Whether it is one of the job's own. */
  readonly own: boolean
}

export interface Wanted {
  /** Beginning of the transactional ids of the job; null: no job is asked for. */
  readonly own: string | null
  /** Topics whose readers count; null: all. */
  readonly topics: ReadonlySet<string> | null
  /** ms since the epoch. */
  readonly now: number
}

/** Those of the job, and those that hold readers of the topics back; oldest first. */
export function jobTransactions(
  open: readonly ClusterTransaction[],
  { own, topics, now }: Wanted,
): readonly JobTransaction[] {
  return open.flatMap(({ partitions, ...one }) => {
    const isOwn = own !== null && one.transactionalId.startsWith(own)
    const concerned = topics === null || partitions.some(({ topic }) => topics.has(topic))
    if (!isOwn && !concerned) return []
    return [{ ...one, partitions, own: isOwn, age: one.startedAt === null ? null : Math.max(0, now - one.startedAt) }]
  })
}
