/** On a real S3 server, through a proxy that brings about what networks and servers do. */
import { randomBytes } from 'node:crypto'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { FatalError } from '../../src/errors.ts'
import { s3Storage } from '../../src/s3/index.ts'
import { whyNoS3 } from '../../tools/s3/motoServer.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'
import { storageContract } from '../checkpoint/storageContract.ts'
import { type Buckets, openBuckets } from './bucket.ts'
import { type Fault, pass, type SeenRequest } from './faultyProxy.ts'

const reason = await whyNoS3()
if (reason !== null) console.warn(`skipped: ${reason}`)

async function* of(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

const mib = 1024 * 1024
const isPut = ({ method, path }: SeenRequest) => method === 'PUT' && !path.includes('uploadId')
const isPart = ({ method, path }: SeenRequest) => method === 'PUT' && path.includes('partNumber')
const isComplete = ({ method, path }: SeenRequest) => method === 'POST' && path.includes('uploadId')

describe.skipIf(reason !== null)('s3Storage', { timeout: 120_000 }, () => {
  let buckets: Buckets

  beforeAll(async () => {
    buckets = await openBuckets()
  }, 300_000)
  afterAll(() => buckets?.close())
  afterEach(() => {
    buckets.proxy.rule = () => pass
  })

  storageContract('a bucket', async () => {
    const bucket = await buckets.create()
    return { open: () => s3Storage(buckets.client, { bucket, prefix: 'some/where' }) }
  })

  async function ground() {
    const bucket = await buckets.create()
    const storage = s3Storage(buckets.client, { bucket, prefix: 'prod/' })
    const other = s3Storage(buckets.direct, { bucket, prefix: 'prod/' })
    return { bucket, storage, other }
  }

  /** The fault for the first requests of a kind, and none for others. */
  function strike(is: (seen: SeenRequest) => boolean, fault: Fault, times = 1): void {
    let left = times
    buckets.proxy.rule = (seen) => (is(seen) && left-- > 0 ? fault : pass)
  }

  const text = async (storage: CheckpointStorage, key: string) => Buffer.from((await storage.get(key)) ?? []).toString()

  test('sends a small object in one request, only if there is none, with its checksum', async () => {
    const { storage } = await ground()
    const before = buckets.proxy.seen.length
    await storage.write?.('a/b', of(Buffer.from('ab'), Buffer.from('c')))
    const [put, ...others] = buckets.proxy.seen.slice(before)
    expect(others).toEqual([])
    expect(put?.headers).toMatchObject({
      'if-none-match': '*',
      'x-amz-checksum-sha256': 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=',
    })
  })

  test('sends a large one in parts of 8 MiB, and reads it in pieces', async () => {
    const { storage, bucket } = await ground()
    const bytes = randomBytes(17 * mib + 5)
    const before = buckets.proxy.seen.length
    await storage.write?.('large', of(bytes.subarray(0, 3), bytes.subarray(3, 9 * mib), bytes.subarray(9 * mib)))
    const sent = buckets.proxy.seen.slice(before)
    expect(sent.filter(isPart)).toHaveLength(3)
    expect(sent.find(isComplete)?.headers['if-none-match']).toBe('*')
    const pieces: Uint8Array[] = []
    for await (const piece of (await storage.read?.('large')) ?? []) pieces.push(piece)
    expect(pieces.length).toBeGreaterThan(1)
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
    expect((await buckets.direct.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).toEqual([])
  })

  test('writes a large key once, too', async () => {
    const { storage, other } = await ground()
    await other.put('large', Buffer.from('first'))
    expect(await rejectionOf(storage.write?.('large', of(randomBytes(9 * mib))) as Promise<void>)).toMatchObject({
      code: 'KEY_EXISTS',
    })
    expect(await text(storage, 'large')).toBe('first')
  })

  test('aborts an upload whose bytes do not come to their end', async () => {
    const { storage, bucket } = await ground()
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield randomBytes(9 * mib)
      throw new FatalError('STATE_NOT_ENCODABLE', 'the state cannot be encoded')
    }
    expect((await rejectionOf(storage.write?.('large', broken()) as Promise<void>)).message).toContain('encoded')
    expect(await storage.get('large')).toBeNull()
    expect((await buckets.direct.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []).toEqual([])
  })

  test('a put whose answer was lost has succeeded', async () => {
    const { storage, other } = await ground()
    strike(isPut, { type: 'lose' })
    await storage.put('a', Buffer.from('mine'))
    expect(await text(other, 'a')).toBe('mine')
  })

  test('an upload whose completion lost its answer has succeeded', async () => {
    const { storage, other } = await ground()
    strike(isComplete, { type: 'lose' })
    const bytes = randomBytes(9 * mib)
    await storage.write?.('a', of(bytes))
    expect(Buffer.from((await other.get('a')) as Uint8Array).equals(bytes)).toBe(true)
  })

  test('the same bytes of another writer are not its own', async () => {
    const { storage, other } = await ground()
    await other.put('a', Buffer.from('same'))
    expect(await rejectionOf(storage.put('a', Buffer.from('same')))).toMatchObject({ code: 'KEY_EXISTS' })
  })

  test.each([412, 304])('%i of a server is the same: the key is taken', async (status) => {
    const { storage, other } = await ground()
    await other.put('a', Buffer.from('first'))
    strike(isPut, { type: 'answer', status, code: 'PreconditionFailed' })
    expect(await rejectionOf(storage.put('a', Buffer.from('second')))).toMatchObject({ code: 'KEY_EXISTS' })
  })

  test('412 for a key that is gone by then means to try again', async () => {
    const { storage, other } = await ground()
    strike(isPut, { type: 'answer', status: 412, code: 'PreconditionFailed' })
    await storage.put('a', Buffer.from('a'))
    expect(await text(other, 'a')).toBe('a')
  })

  test('409, another request for the key is under way, means to try again', async () => {
    const { storage, other } = await ground()
    strike(isPut, { type: 'answer', status: 409, code: 'ConditionalRequestConflict' }, 3)
    await storage.put('a', Buffer.from('a'))
    expect(await text(other, 'a')).toBe('a')
  })

  test('an answer that comes late is waited for', async () => {
    const { storage } = await ground()
    strike(isPut, { type: 'late', ms: 300 })
    await storage.put('a', Buffer.from('a'))
    expect(await text(storage, 'a')).toBe('a')
  })

  test.each([500, 503])('%i once is repeated by the client', async (status) => {
    const { storage } = await ground()
    strike(isPut, { type: 'answer', status, code: 'SlowDown' })
    await storage.put('a', Buffer.from('a'))
    expect(await text(storage, 'a')).toBe('a')
  })

  test('a bucket that is away ends nothing for good: all that is asked of it fails as retriable', async () => {
    const { storage, bucket } = await ground()
    for (const fault of [{ type: 'cut' }, { type: 'answer', status: 503, code: 'SlowDown' }] as const) {
      buckets.proxy.rule = () => fault
      const asked = [
        storage.ready?.(),
        storage.put('a', Buffer.from('a')),
        storage.write?.('b', of(randomBytes(9 * mib))),
        storage.get('a'),
        storage.read?.('a'),
        storage.list(''),
        storage.remove('a'),
      ]
      for (const error of await Promise.all(asked.map((one) => rejectionOf(one as Promise<unknown>)))) {
        expect(error).toMatchObject({ code: 'STORAGE_IO', consequence: 'retriable' })
        expect(error.message).toContain(bucket)
        expect(JSON.stringify(error) + error.message + String(error.cause)).not.toMatch(/secret|key-id/)
      }
    }
  })

  test('an object that is cut off while it is read fails as retriable', async () => {
    const { storage } = await ground()
    await storage.put('a', randomBytes(mib))
    buckets.proxy.rule = () => ({ type: 'half' })
    const reading = (async () => {
      for await (const _ of (await storage.read?.('a')) ?? []) void _
    })()
    expect(await rejectionOf(reading)).toMatchObject({ code: 'STORAGE_IO' })
  })

  test('a bucket that does not exist, and one that refuses access, are refused at the start', async () => {
    const nowhere = s3Storage(buckets.client, { bucket: 'rxweft-nowhere' })
    expect(await rejectionOf(nowhere.ready?.() as Promise<unknown>)).toMatchObject({
      code: 'STORAGE_BUCKET',
      consequence: 'fatal',
    })
    const { storage } = await ground()
    buckets.proxy.rule = () => ({ type: 'answer', status: 403, code: 'AccessDenied' })
    const error = await rejectionOf(storage.ready?.() as Promise<unknown>)
    expect(error).toMatchObject({ code: 'STORAGE_BUCKET' })
    expect(error.message).not.toContain('secret')
  })

  test('reads long lists page by page', async () => {
    const { storage, other } = await ground()
    const keys = Array.from({ length: 1_050 }, (_, at) => `job/0/chk-${String(at).padStart(5, '0')}`)
    await Promise.all(keys.map((key) => other.put(key, Buffer.from('x'))))
    expect(await storage.list('job/')).toEqual(keys)
  })
})

describe('the options of s3Storage', () => {
  test.each([
    [{}, { bucket: 'b' }],
    [{ send: () => undefined }, { bucket: '' }],
    [{ send: () => undefined }, { bucket: 'b', prefix: '/a' }],
    [{ send: () => undefined }, { bucket: 'b', prefix: '../a' }],
  ])('%o, %o are refused', (client, options) => {
    expect(() => s3Storage(client as never, options)).toThrow(/BAD_OPTION/)
  })
})
