/**
 * Small snapshots travel in the ledger entry: decided with it, never an orphan, and no request to
 * the storage. An entry holds those of the whole chain, since the next entry replaces it.
 *
 *   entry 7 {chk-7}    entry 8 {chk-7 chk-8}    entry 9 {chk-8}; chk-9, too large, in the storage
 */
import { Buffer } from 'node:buffer'
import { chunksOf } from '../contracts/chunks.ts'
import type { LedgerEntry } from '../contracts/ledgerEntry.ts'
import { type CheckpointStorage, readChunks, writeChunks } from '../contracts/storage.ts'

/** Limit of our own storages, bytes. */
export const inlineBytes = 16 * 1024

/** Snapshots in a ledger entry, base64 by key. */
export type Inline = NonNullable<LedgerEntry['inline']>

/** The storage of an entry's snapshots: reads of those in the entry do not reach it. */
export function withInline(storage: CheckpointStorage, inline: Inline = {}): CheckpointStorage {
  const held = (key: string): Buffer | null =>
    Object.hasOwn(inline, key) ? Buffer.from(inline[key] as string, 'base64') : null
  return Object.assign(Object.create(storage) as CheckpointStorage, {
    get: async (key: string) => held(key) ?? storage.get(key),
    read: async (key: string) => {
      const bytes = held(key)
      const found = bytes === null ? await readChunks(storage, key) : [bytes]
      return found && chunksOf(found)
    },
  })
}

/** Bytes left in an entry of that limit beside the snapshots that it holds already. */
export function roomBeside(inline: Inline, limit: number): number {
  return Object.values(inline).reduce((room, text) => room - Buffer.byteLength(text, 'base64'), limit)
}

/**
 * Returns the bytes if they fit into an entry; otherwise stores them and returns null.
 *
 * @param room bytes; without any, everything is stored
 */
export async function storeUnlessSmall(
  storage: CheckpointStorage,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
  room: number,
): Promise<Buffer | null> {
  const rest = chunks[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let bytes = 0
  while (bytes <= room) {
    const step = await rest.next()
    if (step.done === true) return Buffer.concat(first)
    first.push(step.value)
    bytes += step.value.length
  }
  await writeChunks(storage, key, following(first, rest))
  return null
}

async function* following(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first
  yield* { [Symbol.asyncIterator]: () => rest }
}
