/** Largest decompressed size of a record batch: the default, and the error for larger ones. */
import { FatalError } from '../../errors.ts'

/**
 * Default limit, bytes. Brokers accept compressed batches of 1 MiB by default; real data rarely
 * shrinks to less than a tenth.
 */
export const defaultSizeLimit = 64 * 1024 * 1024

/** Largest limit that users may set, bytes. */
export const largestSizeLimit = 2 ** 30

/** Subject to `onError`: the producer sent the batch like this, so another read would not help. */
export function tooLarge(limit: number): FatalError {
  return new FatalError('BATCH_TOO_LARGE', `a record batch has more than ${limit} bytes after decompression`, {
    hint: 'Nothing of the batch was processed. Raise `maxDecompressedBytes` of the source if you trust the producer, or set `onError`',
    badRecord: true,
  })
}
