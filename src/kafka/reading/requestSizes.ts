/**
 * Sizes of Fetch requests: a broker cuts its answer off in the middle of a batch, and that batch
 * must be sent again. So a request asks for a whole number of batches of the size last seen: with
 * batches of 256 KiB and requests of half a MiB, every other byte was wasted.
 */
export interface RequestSizes<S> {
  /** Bytes to ask for of this split. */
  of(split: S): number
  /** Most bytes to ask for of one of these splits. */
  most(splits: readonly S[]): number
  /** Notes the largest batch of an answer, bytes. */
  seen(split: S, largest: number): void
}

/** Largest credible batch, bytes: a damaged batch may report any size, and is not checked yet. */
const unlikely = 16 * 1024 * 1024

/** @param bytes approximate size of the answer for one split */
export function requestSizes<S>(bytes: number): RequestSizes<S> {
  /** Largest batch in the last answer of each split, bytes. */
  const batchBytes = new Map<S, number>()
  const of = (split: S): number => aboutInBatches(bytes, batchBytes.get(split) ?? bytes)
  return {
    of,
    most: (splits) => splits.reduce((most, split) => Math.max(most, of(split)), 0),
    seen: (split, largest) => void batchBytes.set(split, Math.min(largest, unlikely)),
  }
}

/** Rounds `bytes` to a whole number of batches, at least one. */
export function aboutInBatches(bytes: number, size: number): number {
  return Math.max(1, Math.round(bytes / size)) * size
}
