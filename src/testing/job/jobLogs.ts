/** Logs of all sources and sinks of a job under test. */
import type { Source } from '../../contracts/source.ts'
import type { OperatorId, SplitOffset } from '../../record.ts'
import type { TransactionalSink } from '../../sinks/sink.ts'
import { type SinkLog, sinkLog } from './sinkLog.ts'
import { type SourceLog, sourceLog } from './sourceLog.ts'

/** Positions of all logs at a checkpoint, by id; a missing log is at its beginning. */
export interface LogPositions {
  readonly positions: ReadonlyMap<OperatorId, readonly SplitOffset[]>
  /** Watermarks set by hand. */
  readonly watermarks: ReadonlyMap<OperatorId, number>
  readonly committed: ReadonlyMap<OperatorId, number>
}

export interface JobLogs {
  /** The log of this source: the same for every attempt. */
  source(source: Pick<Source<unknown>, 'id' | 'topics'>): SourceLog
  sink(sink: Pick<TransactionalSink<never>, 'id' | 'topics'>): SinkLog
  readonly sources: readonly SourceLog[]
  readonly sinks: readonly SinkLog[]
  rewind(to: LogPositions): void
}

/**
 * @param first position of a log when the job first asks for it
 * @param partitions number of partitions of each source, by id or topic
 */
export function jobLogs(first: LogPositions, partitions: Readonly<Record<string, number>> = {}): JobLogs {
  const sources = new Map<OperatorId, SourceLog>()
  const sinks = new Map<OperatorId, SinkLog>()
  let sequence = 0

  function newSource(id: OperatorId, topics: readonly string[]): SourceLog {
    const count = [id, ...topics].map((name) => partitions[name]).find((count) => count !== undefined) ?? 1
    const log = sourceLog(id, topics, count, () => sequence++)
    sources.set(id, log)
    rewind(log, first)
    return log
  }

  function newSink(id: OperatorId, topics: readonly string[]): SinkLog {
    const log = sinkLog(id, topics)
    sinks.set(id, log)
    return log
  }

  return {
    source: ({ id, topics = [] }) => sources.get(id) ?? newSource(id, topics),
    sink: ({ id, topics = [] }) => sinks.get(id) ?? newSink(id, topics),
    get sources() {
      return [...sources.values()]
    },
    get sinks() {
      return [...sinks.values()]
    },
    rewind(to) {
      for (const log of sources.values()) rewind(log, to)
      for (const [id, log] of sinks) log.rewind(to.committed.get(id) ?? 0)
    },
  }
}

function rewind(log: SourceLog, { positions, watermarks }: LogPositions): void {
  const { id } = log
  log.ended = false
  log.rewind(positions.get(id) ?? [], watermarks.get(id) ?? -Infinity)
}
