import { nonEmptyText } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import type { OperatorId, StreamRecord } from '../record.ts'
import type { SinkWriter, TransactionalSink } from './sink.ts'

/** Sink that keeps committed records in an array. */
export interface MemorySink<T> extends TransactionalSink<T> {
  /** Values of all committed checkpoints, in order. */
  readonly committed: readonly T[]
  /** Records of all committed checkpoints, in order. */
  readonly records: readonly StreamRecord<T>[]
}

/**
 * Collects records in an array, exactly once; for tests and first steps.
 *
 * Prepared records outlive the attempt, as they would in a database, and become visible when their
 * checkpoint is committed.
 */
export function memorySink<T>(
  options: {
    /** Id of the sink. Default 'memorySink'. */
    readonly id?: OperatorId
  } = {},
): MemorySink<T> {
  checkOptions('memorySink', options, { id: nonEmptyText })
  const { id = 'memorySink' } = options
  const records: StreamRecord<T>[] = []
  /** Prepared records by handle, until a commit or recovery decides them. */
  const prepared = new Map<string, readonly StreamRecord<T>[]>()

  function writer(attempt: string): SinkWriter<T> {
    let written: StreamRecord<T>[] = []
    return {
      // Takes no credit: the records stay in this array.
      write: (record) => void written.push(record),
      async prepare(checkpoint) {
        if (written.length === 0) return null
        const handle = `${attempt}/${checkpoint}`
        prepared.set(handle, written)
        written = []
        return handle
      },
      async commit(_checkpoint, handle) {
        for (const record of prepared.get(handle as string) ?? []) records.push(record)
        prepared.delete(handle as string)
      },
      async discardOthers(decided) {
        for (const handle of prepared.keys()) if (handle !== decided) prepared.delete(handle)
      },
      close: async () => undefined,
    }
  }

  return {
    id,
    guarantee: 'exactly-once',
    open: async ({ attempt }) => writer(attempt),
    get committed() {
      return records.map(({ value }) => value)
    },
    records,
  }
}
