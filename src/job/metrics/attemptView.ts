/** What metrics read of a running attempt: lag, event time of partitions, barriers, state. */
import type { SourceReader } from '../../contracts/source.ts'
import type { Add } from '../../metrics/metric.ts'
import type { OperatorId } from '../../record.ts'
import type { StateTables } from '../../state/store.ts'
import type { OwnedAttempt } from '../attemptContext.ts'
import type { Feed } from '../feed.ts'
import type { AttemptView } from './shardMetrics.ts'

export interface ViewParts {
  readonly attempt: Pick<OwnedAttempt, 'credits' | 'barriers' | 'clock'>
  readonly feeds: readonly Feed[]
  readonly readers: ReadonlyMap<OperatorId, SourceReader<unknown>>
  readonly tables: StateTables
}

export function attemptView({ attempt, feeds, readers, tables }: ViewParts): AttemptView {
  const since = attempt.clock.now()

  function readSource(add: Add, { source: { id: source }, reached }: Feed, now: number): void {
    const reader = readers.get(source)
    const ends = reader?.ends?.() ?? []
    for (const [at, { topic, partition, offset }] of (reader?.position() ?? []).entries()) {
      const end = ends[at]
      if (end === undefined) continue
      add('source.lag', { source, topic, partition: String(partition) }, Math.max(0, end - offset))
    }
    // A partition without any record holds the watermark back as well: since the start, at least.
    for (const { topic, partition, timestamp } of reached()) {
      const delay = now - (timestamp === -Infinity ? since : timestamp)
      add('source.partition.delay', { source, topic, partition: String(partition) }, delay / 1e3)
    }
  }

  return {
    credits: attempt.credits,
    read(add, now) {
      for (const fed of feeds) readSource(add, fed, now)
      for (const [operator, duration] of attempt.barriers.durations())
        add('operator.barrier', { operator }, duration / 1e3)
      for (const { operator, table, entries, bytes } of tables.sizes?.() ?? []) {
        add('state.entries', { operator, table }, entries)
        add('state.bytes', { operator, table }, bytes)
      }
    },
  }
}
