/**
 * Snapshots are objects of a bucket, `<prefix><key>`. An object appears whole or not at all, so
 * there is no rename, no folder and no fsync. A key is written once by a conditional request
 * (putOnce.ts), but nothing rests on it with Kafka's ledger: there, keys are unique per attempt.
 */
import { randomUUID } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { Clock } from '../attempt.ts'
import { inlineBytes } from '../checkpoint/inline.ts'
import { isSegment, keySegments, prefixSegments } from '../checkpoint/storageKey.ts'
import { inPieces, joined } from '../contracts/chunks.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { bucketError, isMissing, openingError } from './bucketErrors.ts'
import { checksum } from './checksum.ts'
import { uploadParts } from './multipart.ts'
import { markName, type PutTarget, putOnce } from './putOnce.ts'

export interface BucketSettings {
  /** Clock for the pauses between tries. */
  readonly clock: Clock
  /** Size of all parts of a larger object but the last one, bytes. */
  readonly partBytes: number
}

export function bucketStorage(
  client: Pick<S3Client, 'send'>,
  { bucket, prefix = '' }: { readonly bucket: string; readonly prefix?: string | undefined },
  { clock, partBytes }: BucketSettings,
): CheckpointStorage {
  const root = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
  const place = `bucket ${bucket}${root === '' ? '' : `, prefix ${root}`}`

  function targetOf(key: string): PutTarget {
    keySegments(key)
    return { client, clock, bucket, path: `${root}${key}`, key, place, file: fileOf(key) }
  }

  const fileOf = (key: string): string => `s3://${bucket}/${root}${key}`

  async function put(target: PutTarget, bytes: Uint8Array): Promise<void> {
    const mark = randomUUID()
    const request = {
      ...{ Bucket: bucket, Key: target.path, Body: bytes, ContentLength: bytes.length },
      ...{ IfNoneMatch: '*', ChecksumSHA256: checksum(bytes), Metadata: { [markName]: mark } },
    }
    await putOnce(target, mark, () => client.send(new PutObjectCommand(request)))
  }

  async function read({ path, file }: PutTarget): Promise<AsyncIterable<Uint8Array> | null> {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: path }))
      return piecesOf(Body as AsyncIterable<Uint8Array> | undefined, file)
    } catch (thrown) {
      if (isMissing(thrown)) return null
      throw bucketError(file, thrown)
    }
  }

  async function* pages(prefix: string, limit?: number): AsyncGenerator<string> {
    let after: string | undefined
    do {
      const request = { Bucket: bucket, Prefix: `${root}${prefix}`, MaxKeys: limit, ContinuationToken: after }
      const { Contents = [], NextContinuationToken } = await client.send(new ListObjectsV2Command(request))
      for (const { Key = '' } of Contents) yield Key.slice(root.length)
      after = limit === undefined ? NextContinuationToken : undefined
    } while (after !== undefined)
  }

  return {
    ...{ place, shared: true, inline: inlineBytes },
    async ready() {
      try {
        for await (const _ of pages('', 1)) return
      } catch (thrown) {
        throw openingError(fileOf(''), thrown)
      }
    },
    put: async (key, bytes) => put(targetOf(key), Uint8Array.from(bytes)),
    async write(key, chunks) {
      const target = targetOf(key)
      const parts = inPieces(chunks, partBytes)
      const { value: first = Buffer.alloc(0) } = await parts.next()
      if (first.length < partBytes) return put(target, first)
      await uploadParts(target, randomUUID(), following(first, parts))
    },
    async get(key) {
      const pieces = await read(targetOf(key))
      return pieces && joined(pieces)
    },
    read: async (key) => read(targetOf(key)),
    async list(prefix) {
      prefixSegments(prefix)
      try {
        const keys: string[] = []
        for await (const key of pages(prefix)) keys.push(key)
        return keys.filter((key) => key.split('/').every(isSegment)).sort()
      } catch (thrown) {
        throw bucketError(fileOf(prefix), thrown)
      }
    },
    async remove(key) {
      const { path, file } = targetOf(key)
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: path })).catch((thrown) => {
        if (!isMissing(thrown)) throw bucketError(file, thrown)
      })
    },
  }
}

/** A connection may be cut in the middle of an object. */
async function* piecesOf(body: AsyncIterable<Uint8Array> | undefined, file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? []
  } catch (thrown) {
    throw bucketError(file, thrown)
  }
}

async function* following(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}
