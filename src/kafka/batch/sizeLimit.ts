/**
 * The largest size that a record batch may have after decompression: the default, and the error
 * where a batch exceeds the limit.
 */
import { FatalError } from '../../errors.ts'

/**
 * Bytes. A broker accepts batches of 1 MiB by default, compressed; real data rarely shrinks to less
 * than a tenth.
 */
export const defaultSizeLimit = 64 * 1024 * 1024

/** The largest limit that a user may set, bytes. */
export const largestSizeLimit = 2 ** 30

/**
 * `onError` decides: the producer has sent the batch like this, so reading it again would change
 * nothing.
 */
export function tooLarge(limit: number): FatalError {
  return new FatalError('BATCH_TOO_LARGE', `a record batch has more than ${limit} bytes after decompression`, {
    hint: 'Nothing of it was processed. If its producer can be trusted, raise `maxDecompressedBytes` of the source; else set `onError`',
    badRecord: true,
  })
}
