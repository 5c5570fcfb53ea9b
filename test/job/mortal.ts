/**
 * Processes that end as by SIGKILL: before or after any one effect of a job on its storage and its
 * sink. What a dead life has begun never answers, and it does nothing more, while storage and sink
 * keep all that was done.
 */
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import type { SinkWriter, TransactionalSink } from '../../src/sinks/sink.ts'

export interface Life {
  readonly storage: CheckpointStorage
  readonly sink: TransactionalSink<string>
  /** Another sink that dies with it. */
  mortal<T>(sink: TransactionalSink<T>): TransactionalSink<T>
  readonly isDead: () => boolean
  /** Runs something else that counts as an effect. */
  readonly effect: Effect
}

export interface Death {
  /** How many effects it lives to see begin. */
  readonly effects: number
  /** Whether the last of them still happens. */
  readonly after: boolean
}

export function life(storage: CheckpointStorage, sink: TransactionalSink<string>, death: Death | null): Life {
  let seen = 0
  let dead = false

  async function effect<A>(act: () => Promise<A>): Promise<A> {
    if (dead) return silence()
    seen += 1
    if (seen !== death?.effects) return act()
    dead = true
    if (death.after) await act()
    return silence()
  }

  const mortal = <T>(immortal: TransactionalSink<T>): TransactionalSink<T> => {
    return { ...immortal, open: async (attempt) => mortalWriter(await immortal.open(attempt), effect) }
  }

  return {
    isDead: () => dead,
    effect,
    mortal,
    storage: {
      place: storage.place,
      put: (key, bytes) => effect(() => storage.put(key, bytes)),
      get: (key) => effect(() => storage.get(key)),
      list: (prefix) => effect(() => storage.list(prefix)),
      remove: (key) => effect(() => storage.remove(key)),
    },
    sink: mortal(sink),
  }
}

export type Effect = <A>(act: () => Promise<A>) => Promise<A>

function mortalWriter<T>(writer: SinkWriter<T>, effect: Effect): SinkWriter<T> {
  return {
    write: (record) => writer.write(record),
    prepare: (checkpoint) => effect(() => writer.prepare(checkpoint)),
    commit: (checkpoint, handle) => effect(async () => writer.commit?.(checkpoint, handle)),
    discardOthers: (decided) => effect(async () => writer.discardOthers?.(decided)),
    close: () => writer.close(),
  }
}

const silence = (): Promise<never> => new Promise(() => undefined)
