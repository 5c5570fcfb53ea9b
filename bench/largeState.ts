/** A job with one value of 100 bytes for each key, in memory or in LMDB, and its snapshots in a folder. */
import { join } from 'node:path'
import {
  defineJob,
  execute,
  fileStorage,
  type JobHandle,
  keyBy,
  map,
  mapWithState,
  memorySink,
  memorySource,
  memoryState,
  to,
} from 'rxweft'
import { lmdbState } from 'rxweft/lmdb'

/** A new value for a key. */
export interface Change {
  readonly key: number
  readonly round: number
}

/** @param fed what the source has from the start */
export function largeState(name: string, folder: string, lmdb: boolean, fed: readonly Change[] = []) {
  const padding = 'x'.repeat(80)
  const source = memorySource<Change>({ partitions: [fed], unbounded: true, maxInFlight: 100_000 })
  const sink = memorySink<number>()
  const job = defineJob(name, ({ from }) =>
    from(source).pipe(
      keyBy(({ key }) => `key-${key}`),
      mapWithState((_, { round }) => [`${String(round).padStart(20, '0')}${padding}`, round], '', { id: 'latest' }),
      map((round) => round),
      to(sink),
    ),
  )
  return {
    source,
    sink,
    run(): JobHandle {
      const state = lmdb ? lmdbState(join(folder, 'lmdb')) : memoryState()
      const storage = fileStorage(join(folder, 'checkpoints'))
      return execute(job, { checkpointing: { interval: 1_000 }, storage, state })
    },
  }
}

/** Resolves when the job has restored its state. */
export function restored(handle: JobHandle): Promise<void> {
  return new Promise((resolve) => {
    handle.events$.subscribe((event) => {
      if (event.type === 'restored') resolve()
    })
  })
}
