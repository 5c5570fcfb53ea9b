import type { Buffer } from 'node:buffer'
import { RxweftError } from '../errors.ts'
import type { RecordSerdes } from './recordSerdes.ts'

type Bytes = Buffer | null

/** Calls back with value and key of every record of a batch. */
export type EachRecord = (call: (value: Bytes, key: Bytes) => void) => void

/**
 * Prepares the decoding of whole batches, such as fetching schemas, while the source polls.
 *
 * @returns undefined if the serdes need nothing; otherwise a function to await before a batch is
 *   emitted. It rejects with rxweft errors that are no record's fault; other failures are left to
 *   `decode`, which knows their records
 */
export function preparation({ value, key }: RecordSerdes<unknown>): ((each: EachRecord) => Promise<void>) | undefined {
  if (value.prepare === undefined && key?.prepare === undefined) return undefined
  return async (each) => {
    const pending = new Set<Promise<void> | undefined>()
    each((valueBytes, keyBytes) => {
      pending.add(value.prepare?.(valueBytes))
      pending.add(key?.prepare?.(keyBytes))
    })
    for (const outcome of await Promise.allSettled(pending)) {
      if (outcome.status === 'rejected' && isGrave(outcome.reason)) throw outcome.reason
    }
  }
}

function isGrave(thrown: unknown): boolean {
  return thrown instanceof RxweftError && !thrown.badRecord
}
