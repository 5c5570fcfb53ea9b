/**
 * A checkpoint storage whose calls are watched: one that does not come back, as on a network file
 * system whose server is gone, is reported while it hangs. Nothing is given up: whether the call
 * was carried out nobody can know, and the checkpoint timeout decides how long the job waits.
 */

import type { Clock } from '../attempt.ts'
import { onAbort } from '../clock.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import type { Notice } from '../notice.ts'

/** After so long, ms, and again each time that the duration has doubled. */
const patience = 5_000

/**
 * The same storage. Time in which `write` waits for its next piece, and the job for itself between
 * two pieces of `read`, does not count.
 *
 * @param over no more reports once it is aborted
 */
export function watchedStorage(
  storage: CheckpointStorage,
  clock: Clock,
  tell: (notice: Notice) => void,
  over: AbortSignal,
): CheckpointStorage {
  const { place } = storage
  /** Each stops the count of one call. */
  const hanging = new Set<() => void>()

  /** Starts to count; the function that it returns stops that. */
  function watch(call: string): () => void {
    const began = clock.monotonic()
    let timer: unknown
    const stop = (): void => {
      clock.clearTimeout(timer)
      hanging.delete(stop)
    }
    const wait = (delay: number): void => {
      timer = clock.setTimeout(() => {
        const duration = Math.round(clock.monotonic() - began)
        tell({ type: 'storage-slow', place, call, duration })
        wait(duration)
      }, delay)
    }
    if (over.aborted) return stop
    hanging.add(stop)
    wait(patience)
    return stop
  }

  onAbort(over, () => {
    for (const stop of hanging) stop()
  })

  async function watched<A>(call: string, run: () => Promise<A>): Promise<A> {
    const stop = watch(call)
    try {
      return await run()
    } finally {
      stop()
    }
  }

  /** While the job makes a piece, the storage waits for it. */
  async function* unwatched(pieces: AsyncIterable<Uint8Array>, stop: () => void, go: () => void) {
    stop()
    for await (const piece of pieces) {
      go()
      yield piece
      stop()
    }
    go()
  }

  const { ready, write, read } = storage
  // What a storage has besides stays within reach.
  return Object.assign(Object.create(storage) as CheckpointStorage, {
    place,
    local: storage.local,
    put: (key: string, bytes: Uint8Array) => watched('put', () => storage.put(key, bytes)),
    get: (key: string) => watched('get', () => storage.get(key)),
    list: (prefix: string) => watched('list', () => storage.list(prefix)),
    remove: (key: string) => watched('remove', () => storage.remove(key)),
    ready: ready && (() => watched('ready', async () => ready.call(storage))),
    write:
      write &&
      (async (key: string, chunks: AsyncIterable<Uint8Array>) => {
        let stop = watch('write')
        try {
          await write.call(
            storage,
            key,
            unwatched(
              chunks,
              () => stop(),
              () => {
                stop = watch('write')
              },
            ),
          )
        } finally {
          stop()
        }
      }),
    read:
      read &&
      (async (key: string) => {
        const pieces = await watched('read', () => read.call(storage, key))
        return pieces && watchedPieces(pieces, watched)
      }),
  })
}

async function* watchedPieces(
  pieces: AsyncIterable<Uint8Array>,
  watched: <A>(call: string, run: () => Promise<A>) => Promise<A>,
): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await watched('read', () => iterator.next())
      if (step.done === true) return
      yield step.value
    }
  } finally {
    await iterator.return?.()
  }
}
