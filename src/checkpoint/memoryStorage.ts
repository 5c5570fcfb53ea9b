import type { CheckpointStorage } from '../contracts/storage.ts'
import { keyExists, keySegments, prefixSegments } from './storageKey.ts'

/** Stores snapshots in memory, for tests and for jobs whose state may end with the process. */
export function memoryStorage(): CheckpointStorage {
  const stored = new Map<string, Uint8Array>()
  return {
    place: 'memory',
    local: true,
    exclusive: true,
    async put(key, bytes) {
      keySegments(key)
      if (stored.has(key)) throw keyExists(key, 'memory')
      stored.set(key, Uint8Array.from(bytes))
    },
    async get(key) {
      keySegments(key)
      const bytes = stored.get(key)
      return bytes === undefined ? null : Uint8Array.from(bytes)
    },
    async list(prefix) {
      prefixSegments(prefix)
      return [...stored.keys()].filter((key) => key.startsWith(prefix)).sort()
    },
    async remove(key) {
      keySegments(key)
      stored.delete(key)
    },
  }
}
