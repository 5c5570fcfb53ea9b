/**
 * Connections that the readers of one thread share, for questions that any broker answers and that
 * nobody waits for. With sets of their own, 64 idle shards opened 128 connections every half minute
 * to ask for new partitions.
 *
 * What a reader needs to go on, such as a new leader, it asks with its own set: a request of one
 * job that hangs must not break the connection of another.
 */
import type { Connections } from './connections.ts'

export type Lookups = Pick<Connections, 'metadata' | 'close'>

/** By cluster; one that is not here, such as a wrapped one, shares nothing. */
const shared = new WeakMap<object, () => Lookups>()

/**
 * Makes the readers of the cluster share connections, opened by `open` and closed by the last
 * reader.
 */
export function shareLookups(cluster: object, open: () => Promise<Lookups>): void {
  let users = 0
  let current: Promise<Lookups> | null = null

  function opened(): Promise<Lookups> {
    if (current !== null) return current
    const made = open()
    current = made
    made.catch(() => {
      if (current === made) current = null
    })
    return made
  }

  shared.set(cluster, () => {
    let closed = false
    users += 1
    return {
      metadata: async (topics) => (await opened()).metadata(topics),
      async close() {
        if (closed) return
        closed = true
        users -= 1
        if (users > 0 || current === null) return
        const last = current
        current = null
        await last.then(
          (connections) => connections.close(),
          () => undefined,
        )
      },
    }
  })
}

/** @param own connections of the reader, for a cluster that shares none */
export function lookupsOf(cluster: object, own: Pick<Connections, 'metadata'>): Lookups {
  return shared.get(cluster)?.() ?? { metadata: own.metadata, close: async () => undefined }
}
