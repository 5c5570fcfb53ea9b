/**
 * Entries on their way into the snapshot of one receiver: collected into blocks, which wait in a
 * short queue until the storage takes them.
 */
import type { OperatorBlock } from '../../checkpoint/snapshotWriter.ts'
import { type Deferred, deferred } from '../../deferred.ts'
import type { OperatorId } from '../../record.ts'
import { type EncodedValue, entryWriter } from '../../state/entries.ts'

/** Table of an operator, and the version of the values. */
export interface BlockOf {
  readonly operator: OperatorId
  readonly table: string
  readonly version: number
}

export interface BlockStream {
  write(of: BlockOf, key: Uint8Array, sub: Uint8Array, value: EncodedValue): void
  /** Resolves once the queue has room. */
  room(): Promise<void>
  /** No more entries come. */
  end(): void
  /** The reader gets the error. */
  fail(thrown: unknown): void
  /** Nobody reads any more: entries are dropped, so that the writer is not held up. */
  abandon(): void
  readonly blocks: AsyncIterable<OperatorBlock>
}

const blockBytes = 64 * 1024
const queuedBytes = 4 * 1024 * 1024

export function blockStream(): BlockStream {
  // A block fits into its first buffer, unless entries are large.
  const out = entryWriter(blockBytes + blockBytes / 4)
  let current: BlockOf | null = null
  let queue: OperatorBlock[] = []
  let queued = 0
  let ended = false
  let failure: { readonly thrown: unknown } | null = null
  let abandoned = false
  /** Something has changed for the one who waits, the reader or the writer. */
  let changed: Deferred<void> = deferred()

  function tell(): void {
    changed.resolve()
    changed = deferred()
  }

  function finish(): void {
    if (current === null || out.size === 0) return
    const { operator, table, version } = current
    const block = { table, version, bytes: out.take() }
    if (!abandoned) {
      queue.push({ operator, block })
      queued += block.bytes.length
    }
    tell()
  }

  async function* blocks(): AsyncGenerator<OperatorBlock> {
    for (;;) {
      const ready = queue
      queue = []
      for (const one of ready) {
        yield one
        queued -= one.block.bytes.length
        tell()
      }
      if (failure !== null) throw failure.thrown
      if (ready.length > 0) continue
      if (ended) return
      await changed.promise
    }
  }

  return {
    write(of, key, sub, value) {
      const isSame = current?.operator === of.operator && current.table === of.table && current.version === of.version
      if (!isSame || out.size > blockBytes) finish()
      current = of
      out.write(key, sub, value)
    },
    async room() {
      while (queued > queuedBytes && !abandoned) await changed.promise
    },
    end() {
      finish()
      ended = true
      tell()
    },
    fail(thrown) {
      failure = { thrown }
      tell()
    },
    abandon() {
      abandoned = true
      queue = []
      tell()
    },
    blocks: blocks(),
  }
}
