/**
 * Size limits learned from refusals, since a topic's limits can be lowered while the job runs.
 * Batches shrink to half of a refused one; the size of a record refused alone, without compression,
 * shows which records need not be tried.
 */
import type { Clock } from '../../attempt.ts'
import type { BatchBuilder } from '../batch/batchBuilder.ts'
import type { Compression } from '../batch/compression.ts'

export interface LearnedSizes {
  /** Limit of the next batches, bytes: the configured one, or lower after a refusal. */
  readonly batchBytes: number
  /**
   * Learns from a batch that was refused because of its size. Returns the size from which a single
   * record is certainly refused, bytes; Infinity if unknown.
   */
  refused(batch: Pick<BatchBuilder, 'bytes' | 'count'>): number
}

/** How long a refused size is remembered, ms. Limits can also be raised, so it expires. */
const remembered = 5_000

/** Lower bound of the learned batch size, bytes: a topic with a lower limit is useless anyway. */
const smallest = 1_024

export function learnedSizes(
  configured: { readonly batchBytes: number; readonly compression: Compression },
  clock: Pick<Clock, 'monotonic'>,
): LearnedSizes {
  let { batchBytes } = configured
  let tooLarge = { bytes: Infinity, until: 0 }
  return {
    get batchBytes() {
      return batchBytes
    },
    refused({ bytes, count }) {
      const now = clock.monotonic()
      const known = tooLarge.until > now ? tooLarge.bytes : Infinity
      batchBytes = Math.max(smallest, Math.min(batchBytes, bytes >> 1))
      if (count > 1 || configured.compression !== 'none') return known
      tooLarge = { bytes: Math.min(known, bytes), until: now + remembered }
      return tooLarge.bytes
    },
  }
}
