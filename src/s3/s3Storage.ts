import type { S3Client } from '@aws-sdk/client-s3'
import { isSegment } from '../checkpoint/storageKey.ts'
import { systemClock } from '../clock.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { nonEmptyText, required, text, withMethods } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import { bucketStorage } from './bucketStorage.ts'

/** Options of `s3Storage`. */
export interface S3StorageOptions {
  /** Name of the bucket, which must exist. */
  readonly bucket: string
  /** Prefix of all keys, such as `prod/`; a slash at its end is added. Default: none. */
  readonly prefix?: string | undefined
}

const prefixRule = text("folders of letters, digits, '.', '_' and '-', joined by '/'", (prefix) => {
  return prefix.length <= 200 && (prefix === '' || prefix.replace(/\/$/, '').split('/').every(isSegment))
})

/** Size of all parts of a larger object but the last one, bytes. */
const partBytes = 8 * 1024 * 1024

/**
 * Stores snapshots in a bucket of S3, or of a server that speaks its protocol, so that the job can
 * start again on any machine.
 *
 * ```ts
 * const storage = s3Storage(new S3Client({}), { bucket: 'flows', prefix: 'prod/' })
 * ```
 *
 * Credentials, regions, timeouts and retries are the client's. Snapshots of up to 16 KiB in all
 * travel in the ledger entry and need no request.
 *
 * @param client an S3Client of `@aws-sdk/client-s3`; its owner ends it
 * @throws BAD_OPTION if an option is wrong
 * @throws STORAGE_BUCKET when the job starts, if the bucket does not exist or refuses access
 * @throws STORAGE_IO (Retriable) if the bucket does not answer or refuses a request
 */
export function s3Storage(client: Pick<S3Client, 'send'>, options: S3StorageOptions): CheckpointStorage {
  checkOptions(
    's3Storage',
    { client, ...options },
    {
      client: required(withMethods('an S3Client of @aws-sdk/client-s3', ['send'])),
      bucket: required(nonEmptyText),
      prefix: prefixRule,
    },
  )
  return bucketStorage(client, options, { clock: systemClock, partBytes })
}
