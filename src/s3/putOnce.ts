/**
 * Keys are written once: by `If-None-Match: *`, with the requests that a lost answer takes.
 *
 *   put --- 200 ---------------------------------------------------> stored
 *    |----- 412 (some servers: 304) --- HEAD --- our own mark ------> stored: the answer was lost
 *    |                                   |------ another ----------> KEY_EXISTS
 *    |                                   '------ nothing there ----> again
 *    '----- 409: another request for this key is under way --------> again
 *
 * The client repeats a request whose answer it did not get, and meets its own first request. So
 * each put marks its object. Comparing bytes would not do: of two writers that put the same bytes,
 * exactly one must win.
 */
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '../attempt.ts'
import { keyExists } from '../checkpoint/storageKey.ts'
import { sleep } from '../clock.ts'
import { bucketError, isMissing, nameOf, statusOf } from './bucketErrors.ts'

/** Name of the mark in an object's metadata. */
export const markName = 'rxweft-put'

export interface PutTarget {
  readonly client: Pick<S3Client, 'send'>
  readonly clock: Clock
  readonly bucket: string
  /** Key in the bucket. */
  readonly path: string
  /** Key in the storage. */
  readonly key: string
  readonly place: string
  /** Place for messages. */
  readonly file: string
}

/** How often a put is repeated after 409, and the first pause, ms; each is twice as long. */
const tries = 8
const pause = 25

/**
 * Runs the conditional request until it is known who has written the key. Rejects with Fatal
 * KEY_EXISTS or Retriable STORAGE_IO.
 *
 * @param mark value of the mark that the request leaves on its object
 */
export async function putOnce(target: PutTarget, mark: string, request: () => Promise<unknown>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await request()
      return
    } catch (thrown) {
      const outcome = await settled(target, mark, thrown)
      if (outcome === 'stored') return
      if (tried === tries) throw bucketError(target.file, thrown)
      await sleep(target.clock, pause * 2 ** (tried - 1))
    }
  }
}

async function settled(target: PutTarget, mark: string, thrown: unknown): Promise<'stored' | 'again'> {
  const status = statusOf(thrown)
  if (status === 409) return 'again'
  // The upload of a repeated request is gone once its first request has completed it.
  const isTaken = status === 412 || status === 304 || nameOf(thrown) === 'NoSuchUpload'
  if (!isTaken) throw bucketError(target.file, thrown)
  const found = await markOf(target)
  if (found === mark) return 'stored'
  if (found !== null) throw keyExists(target.key, target.place)
  if (nameOf(thrown) === 'NoSuchUpload') throw bucketError(target.file, thrown)
  return 'again'
}

/** Mark of the object under the key; '' if it has none, null if there is no object. */
async function markOf({ client, bucket, path, file }: PutTarget): Promise<string | null> {
  try {
    const { Metadata } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: path }))
    return Metadata?.[markName] ?? ''
  } catch (thrown) {
    if (isMissing(thrown)) return null
    throw bucketError(file, thrown)
  }
}
