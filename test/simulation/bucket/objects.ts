/** Objects of a simulated bucket, as S3 keeps them: whole or not at all, under conditions unless the server ignores them. */
import type { SentRequest } from './requests.ts'

interface Stored {
  readonly bytes: Uint8Array
  readonly metadata: Readonly<Record<string, string>>
}

interface Upload {
  readonly key: string
  readonly metadata: Readonly<Record<string, string>>
  readonly parts: Map<number, Uint8Array>
}

export interface Objects {
  readonly files: ReadonlyMap<string, Uint8Array>
  /** The first bytes of each key that ever was. */
  readonly archive: ReadonlyMap<string, Uint8Array>
  /** Carries out a request; throws what S3 answers where it refuses. */
  answer(request: SentRequest): object
}

/** Keys of one answer to a list. */
const pageKeys = 3

/** As the client throws it. */
export function refusal(status: number, name: string): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } })
}

/**
 * @param exclusive whether the server keeps to If-None-Match
 * @param put called with each object that has come to be
 */
export function objects(exclusive: boolean, put: () => void): Objects {
  const stored = new Map<string, Stored>()
  const files = new Map<string, Uint8Array>()
  const archive = new Map<string, Uint8Array>()
  const uploads = new Map<string, Upload>()
  let begun = 0

  function store(key: string, object: Stored, condition: string | undefined): void {
    if (exclusive && condition === '*' && stored.has(key)) throw refusal(412, 'PreconditionFailed')
    stored.set(key, object)
    files.set(key, object.bytes)
    if (!archive.has(key)) archive.set(key, object.bytes)
    put()
  }

  function found(key: string): Stored {
    const object = stored.get(key)
    if (object === undefined) throw refusal(404, 'NoSuchKey')
    return object
  }

  function upload(id: string): Upload {
    const its = uploads.get(id)
    if (its === undefined) throw refusal(404, 'NoSuchUpload')
    return its
  }

  return {
    ...{ files, archive },
    answer({ kind, input }) {
      const { Key = '', UploadId = '' } = input
      switch (kind) {
        case 'PutObject':
          store(Key, { bytes: Uint8Array.from(input.Body ?? []), metadata: input.Metadata ?? {} }, input.IfNoneMatch)
          return {}
        case 'HeadObject':
          return { Metadata: found(Key).metadata }
        case 'GetObject':
          return { bytes: found(Key).bytes }
        case 'DeleteObject':
          stored.delete(Key)
          files.delete(Key)
          return {}
        case 'ListObjectsV2': {
          const keys = [...stored.keys()].filter((key) => key.startsWith(input.Prefix ?? '')).sort()
          const left = keys.filter((key) => key > (input.ContinuationToken ?? ''))
          const page = left.slice(0, Math.min(input.MaxKeys ?? pageKeys, pageKeys))
          const more = page.length < left.length ? { NextContinuationToken: page.at(-1) } : {}
          return { Contents: page.map((key) => ({ Key: key })), ...more }
        }
        case 'CreateMultipartUpload': {
          begun += 1
          uploads.set(String(begun), { key: Key, metadata: input.Metadata ?? {}, parts: new Map() })
          return { UploadId: String(begun) }
        }
        case 'UploadPart':
          upload(UploadId).parts.set(input.PartNumber ?? 0, Uint8Array.from(input.Body ?? []))
          return { ETag: `part ${input.PartNumber}` }
        case 'CompleteMultipartUpload': {
          const { key, metadata, parts } = upload(UploadId)
          const named = input.MultipartUpload?.Parts ?? []
          const bytes = Buffer.concat(named.map(({ PartNumber = 0 }) => parts.get(PartNumber) ?? Buffer.alloc(0)))
          store(key, { bytes, metadata }, input.IfNoneMatch)
          uploads.delete(UploadId)
          return {}
        }
        case 'AbortMultipartUpload':
          upload(UploadId)
          uploads.delete(UploadId)
          return {}
      }
    },
  }
}
