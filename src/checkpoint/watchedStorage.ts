/**
 * A checkpoint storage that reports hanging calls, as on a network file system whose server is
 * gone, and names itself in plain errors. Calls are not given up: whether one was carried out is
 * unknown, and the checkpoint timeout limits how long the job waits.
 */

import type { Clock } from '../attempt.ts'
import { onAbort } from '../clock.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import type { Notice } from '../notice.ts'
import { calling } from '../partFailed.ts'

/** Delay of the first report, ms; each further one follows when the duration has doubled. */
const patience = 5_000

/**
 * Wraps a storage. The time in which `write` waits for its next piece, and in which the job works
 * between two pieces of `read`, does not count.
 *
 * @param over aborted to end the reports
 */
export function watchedStorage(
  storage: CheckpointStorage,
  clock: Clock,
  tell: (notice: Notice) => void,
  over: AbortSignal,
): CheckpointStorage {
  const { place } = storage
  /** Stop functions of the watched calls. */
  const hanging = new Set<() => void>()

  /** Starts to watch a call; returns a function that stops it. */
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
      return await calling(storage, call, run)
    } finally {
      stop()
    }
  }

  /** Stops the watch while the job makes a piece and the storage waits for it. */
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
  // Other properties of the storage stay reachable.
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
          const pieces = unwatched(
            chunks,
            () => stop(),
            () => {
              stop = watch('write')
            },
          )
          await calling(storage, 'write', () => write.call(storage, key, pieces))
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
