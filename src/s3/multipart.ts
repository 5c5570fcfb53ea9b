/**
 * Objects larger than one part are uploaded in parts, as their bytes come. Nothing is visible
 * before the upload is completed, which is the conditional request. An upload that fails is
 * aborted. What a killed process leaves costs money and is never seen: a rule of the bucket removes
 * it.
 */
import type { Buffer } from 'node:buffer'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { bucketError } from './bucketErrors.ts'
import { checksum } from './checksum.ts'
import { markName, type PutTarget, putOnce } from './putOnce.ts'

/** Uploads the parts under the key. Rejects as `putOnce`, and with what the iteration throws. */
export async function uploadParts(target: PutTarget, mark: string, parts: AsyncIterable<Buffer>): Promise<void> {
  const { client, bucket, path, file } = target
  const object = { Bucket: bucket, Key: path }
  const asked = (thrown: unknown): never => {
    throw bucketError(file, thrown)
  }
  const begun = new CreateMultipartUploadCommand({
    ...object,
    ChecksumAlgorithm: 'SHA256',
    Metadata: { [markName]: mark },
  })
  const { UploadId } = await client.send(begun).catch(asked)
  const upload = { ...object, UploadId }
  try {
    const Parts: CompletedPart[] = []
    for await (const part of parts) {
      const PartNumber = Parts.length + 1
      const ChecksumSHA256 = checksum(part)
      const sent = new UploadPartCommand({ ...upload, PartNumber, Body: part, ChecksumSHA256 })
      const { ETag } = await client.send(sent).catch(asked)
      Parts.push({ PartNumber, ETag, ChecksumSHA256 })
    }
    const complete = { ...upload, MultipartUpload: { Parts }, IfNoneMatch: '*' }
    await putOnce(target, mark, () => client.send(new CompleteMultipartUploadCommand(complete)))
  } catch (thrown) {
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined)
    throw thrown
  }
}
