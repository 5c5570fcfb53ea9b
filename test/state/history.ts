/** Checkpoints of one operator's store as a storage would keep them, and stores that are restored from them. */
import type { EntryBlock } from '../../src/element.ts'
import type { CheckpointId } from '../../src/record.ts'
import { type Disk, type LoadableStore, operatorStore } from '../../src/state/operatorStore.ts'

interface File {
  readonly since: CheckpointId
  readonly blocks: EntryBlock[]
  readonly source: Iterator<EntryBlock>
}

export interface History {
  /** The barrier passes. */
  barrier(checkpoint: CheckpointId): void
  /** Takes so many blocks of each snapshot that is not complete yet; default: all. */
  pull(blocks?: number): void
  /** The files that a restore needs. */
  chain(checkpoint: CheckpointId): readonly CheckpointId[]
  bytes(checkpoint: CheckpointId): number
  /** Fills a store whose tables are open. */
  restore(checkpoint: CheckpointId, store: LoadableStore): void
  /** The same history, with checkpoints of a store that was restored from it. */
  continued(store: LoadableStore): History
}

export function history(store: LoadableStore, files = new Map<CheckpointId, File>()): History {
  const fileAt = (checkpoint: CheckpointId): File => {
    const file = files.get(checkpoint)
    if (file === undefined) throw new Error(`no checkpoint ${checkpoint}`)
    return file
  }
  const chain = (checkpoint: CheckpointId): readonly CheckpointId[] =>
    [...files.keys()].filter((at) => at >= fileAt(checkpoint).since && at <= checkpoint)

  return {
    barrier(checkpoint) {
      const { entries } = store.snapshot(checkpoint, null)
      if (entries === undefined) throw new Error('a store always has entries')
      files.set(checkpoint, { since: entries.since, blocks: [], source: entries.blocks()[Symbol.iterator]() })
    },
    pull(blocks = Infinity) {
      for (const { source, blocks: taken } of files.values()) {
        for (let left = blocks; left > 0; left--) {
          const { value, done } = source.next()
          if (done) break
          taken.push(value)
        }
      }
    },
    chain: (checkpoint) => chain(checkpoint).filter((at) => fileAt(at).blocks.length > 0),
    bytes: (checkpoint) => fileAt(checkpoint).blocks.reduce((sum, { bytes }) => sum + bytes.length, 0),
    restore(checkpoint, into) {
      for (const at of chain(checkpoint)) for (const block of fileAt(at).blocks) into.load(block)
      into.loaded(fileAt(checkpoint).since)
    },
    continued: (next) => history(next, files),
  }
}

export const memoryStore = (disk: Disk | null = null): LoadableStore => operatorStore('op', false, disk)
