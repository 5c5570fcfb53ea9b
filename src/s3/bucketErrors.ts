/**
 * Answers of a bucket and their consequences for a job. An error names the bucket, the key and what
 * kind of answer there was; never the answer's text or the request, which may hold credentials.
 */
import { FatalError, RetriableError, RxweftError } from '../errors.ts'

/** HTTP status of the answer; undefined if there was none. */
export function statusOf(thrown: unknown): number | undefined {
  const status = (thrown as { readonly $metadata?: { readonly httpStatusCode?: unknown } } | null)?.$metadata
    ?.httpStatusCode
  return typeof status === 'number' ? status : undefined
}

/** Such as NoSuchKey, ECONNREFUSED or TimeoutError. */
export function nameOf(thrown: unknown): string {
  const { code, name } = (thrown ?? {}) as { readonly code?: unknown; readonly name?: unknown }
  const found = typeof code === 'string' ? code : name
  return typeof found === 'string' && /^[A-Za-z0-9_]{1,60}$/.test(found) ? found : 'an error'
}

/** True if there is nothing under the key. A missing bucket is another matter. */
export function isMissing(thrown: unknown): boolean {
  return statusOf(thrown) === 404 && nameOf(thrown) !== 'NoSuchBucket' && nameOf(thrown) !== 'NoSuchUpload'
}

/**
 * An answer that the storage cannot act on. Once a job runs, each of them may pass: rights and
 * credentials are renewed, a bucket comes back.
 */
export function bucketError(file: string, thrown: unknown): RxweftError {
  if (thrown instanceof RxweftError) return thrown
  const status = statusOf(thrown)
  const answer = status === undefined ? `no answer (${nameOf(thrown)})` : `${status} ${nameOf(thrown)}`
  return new RetriableError('STORAGE_IO', `the bucket gave ${answer}`, {
    where: { file },
    hint: 'Check that the bucket is reachable, and that the credentials of the client are valid',
  })
}

/** The same at a start, where what cannot pass by itself is refused instead of retried for ever. */
export function openingError(file: string, thrown: unknown): RxweftError {
  const status = statusOf(thrown)
  if (status === undefined || status >= 500 || status === 429 || status === 408) return bucketError(file, thrown)
  return new FatalError('STORAGE_BUCKET', `the bucket cannot be used: it gave ${status} ${nameOf(thrown)}`, {
    where: { file },
    hint: 'Check the name of the bucket, its region, and the policy: the job lists, reads, writes and removes keys under its prefix',
  })
}
