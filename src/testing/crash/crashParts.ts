/**
 * Sink, ledger and storage of a crash test: the real ones on memory, with each effect as a step at
 * which the job can end.
 */
import { parseMarkKey, parseSnapshotKey } from '../../checkpoint/names.ts'
import type { Ledger } from '../../contracts/ledger.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import type { StreamRecord } from '../../record.ts'
import type { MemorySink } from '../../sinks/memorySink.ts'
import type { SinkWriter, TransactionalSink } from '../../sinks/sink.ts'
import { crashCopy } from './crashCopy.ts'
import type { CrashStage } from './crashStage.ts'

/** @param committed receives records as they become visible */
export function crashSink<T>(
  stage: CrashStage,
  name: string,
  sink: MemorySink<T>,
  ledger: Ledger,
  committed: (records: readonly StreamRecord<T>[]) => void,
): TransactionalSink<T> {
  async function open(attempt: Parameters<typeof sink.open>[0]): Promise<SinkWriter<T>> {
    const { life } = stage
    const writer = await sink.open(attempt)
    let written = 0
    /** The records before a barrier are known when prepare is called, not only when it resolves. */
    let batch: StreamRecord<T>[] = []
    return {
      write(record) {
        written += 1
        stage.pass(life, `the write of record ${written} to ${name}`, () => batch.push(copied(record)))
      },
      prepare(checkpoint) {
        const complete = batch
        batch = []
        return stage.effect(life, `the prepare of checkpoint ${checkpoint} in ${name}`, () => {
          for (const record of complete) writer.write(record)
          return writer.prepare(checkpoint)
        })
      },
      commit: (checkpoint, handle) =>
        stage.effect(life, `the roll-forward of checkpoint ${checkpoint} in ${name}`, async () => {
          const before = sink.records.length
          await writer.commit?.(checkpoint, handle)
          committed(sink.records.slice(before))
        }),
      discardOthers: (decided) =>
        stage.effect(life, `the clearing of undecided output in ${name}`, async () => writer.discardOthers?.(decided)),
      close: () => writer.close(),
    }
  }
  return { id: `sink:${name}`, guarantee: 'exactly-once', ledger, open }
}

function copied<T>(record: StreamRecord<T>): StreamRecord<T> {
  return { ...record, value: crashCopy(record.value) }
}

export function crashLedger(stage: CrashStage, ledger: Ledger): Ledger {
  return {
    place: ledger.place,
    async open(attempt) {
      const { life } = stage
      life.attempt = attempt
      const session = await ledger.open(attempt)
      return {
        read: () => stage.effect(life, 'the first look into the ledger', session.read),
        fence: () => stage.effect(life, 'the fencing', session.fence),
        commit(entry, takeover) {
          const step = takeover ? 'the take-over' : `the commit of checkpoint ${entry.checkpoint}`
          return stage.effect(life, step, () => session.commit(entry, takeover))
        },
        close: session.close,
      }
    },
  }
}

export function crashStorage(stage: CrashStage, storage: CheckpointStorage): CheckpointStorage {
  const effect = <A>(step: string, act: () => Promise<A>): Promise<A> => stage.effect(stage.life, step, act)
  const named = (key: string): string => {
    const kind = parseMarkKey(key)?.kind
    if (kind !== undefined)
      return kind === 'intended' ? 'the mark of a lineage to begin' : 'the mark of a lineage that has begun'
    return `snapshot ${parseSnapshotKey(key)?.checkpoint ?? key}`
  }
  return {
    place: storage.place,
    put: (key, bytes) => effect(`the put of ${named(key)}`, () => storage.put(key, bytes)),
    get: (key) => effect(`the reading of ${named(key)}`, () => storage.get(key)),
    list: (prefix) =>
      effect(`the search for ${prefix.includes('/lineage/') ? 'lineage marks' : 'old snapshots'}`, () =>
        storage.list(prefix),
      ),
    remove: (key) => effect(`the removal of ${named(key)}`, () => storage.remove(key)),
  }
}
