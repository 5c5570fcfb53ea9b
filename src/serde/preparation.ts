/** What the serdes of a source need before records can be decoded, say a schema: fetched while the source polls, for a whole batch at once. */
import type { Buffer } from 'node:buffer'
import { RxweftError } from '../errors.ts'
import type { RecordSerdes } from './recordSerdes.ts'

type Bytes = Buffer | null

/** Calls back with value and key of every record of a batch. */
export type EachRecord = (call: (value: Bytes, key: Bytes) => void) => void

/**
 * @returns undefined: these serdes need nothing. Else what is to be awaited before a batch is emitted. It rejects with an rxweft error that
 *   no record is to blame for; other failures are left to `decode`, which knows whose they are.
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
