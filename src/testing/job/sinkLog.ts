/**
 * Output of a job under test to one sink: written, then prepared at the barrier, then committed
 * with the checkpoint. A restore drops uncommitted output.
 */
import type { CheckpointId, OperatorId, StreamRecord } from '../../record.ts'
import type { SinkWriter } from '../../sinks/sink.ts'
import type { Named } from './named.ts'

export interface SinkLog extends Named {
  readonly writer: SinkWriter<unknown>
  readonly committed: readonly StreamRecord<unknown>[]
  readonly uncommitted: readonly StreamRecord<unknown>[]
  commit(checkpoint: CheckpointId): void
  /** Keeps the first `committed` records, and drops the others. */
  rewind(committed: number): void
  /** Those behind the first so many, committed or not. */
  since(count: number): readonly StreamRecord<unknown>[]
  /** Number of all, committed or not. */
  readonly length: number
  /** All since the last call, committed or not. */
  drain(): readonly StreamRecord<unknown>[]
}

export function sinkLog(id: OperatorId, topics: readonly string[]): SinkLog {
  const committed: StreamRecord<unknown>[] = []
  const prepared = new Map<CheckpointId, readonly StreamRecord<unknown>[]>()
  let written: StreamRecord<unknown>[] = []
  let drained = 0

  const heldCount = (): number => [...prepared.values()].reduce((sum, records) => sum + records.length, 0)
  const uncommitted = (): readonly StreamRecord<unknown>[] => [...[...prepared.values()].flat(), ...written]

  const writer: SinkWriter<unknown> = {
    write: (record) => void written.push(record),
    async prepare(checkpoint) {
      prepared.set(checkpoint, written)
      written = []
      return null
    },
    close: async () => undefined,
  }

  return {
    ...{ id, topics, writer, committed },
    get uncommitted() {
      return uncommitted()
    },
    since(count) {
      const before = committed.length + heldCount()
      return count >= before ? written.slice(count - before) : [...committed, ...uncommitted()].slice(count)
    },
    get length() {
      return committed.length + heldCount() + written.length
    },
    commit(checkpoint) {
      committed.push(...(prepared.get(checkpoint) ?? []))
      prepared.delete(checkpoint)
    },
    rewind(count) {
      committed.splice(count)
      prepared.clear()
      written = []
      drained = Math.min(drained, count)
    },
    drain() {
      const all = [...committed, ...uncommitted()]
      const fresh = all.slice(drained)
      drained = all.length
      return fresh
    },
  }
}
