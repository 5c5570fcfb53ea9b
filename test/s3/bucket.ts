/** Buckets for tests: one real S3 server for a file of tests, a new bucket for each test. */
import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { type S3Server, startS3Server } from '../../tools/s3/motoServer.ts'
import { type FaultyProxy, faultyProxy } from './faultyProxy.ts'

export interface Buckets {
  /** Client that reaches the server itself. */
  readonly direct: S3Client
  /** Client that reaches it through the proxy. */
  readonly client: S3Client
  readonly proxy: FaultyProxy
  /** Port of the server itself. */
  readonly port: number
  create(): Promise<string>
  close(): Promise<void>
}

const credentials = { accessKeyId: 'key-id-of-the-test', secretAccessKey: 'secret-of-the-test' }

export function clientOf(endpoint: string, more: S3ClientConfig = {}): S3Client {
  return new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials, ...more })
}

/** A repeated request waits only a little, so that tests do not. */
export function quickClientOf(endpoint: string): S3Client {
  return clientOf(endpoint, { retryStrategy: quick() })
}

export async function openBuckets(): Promise<Buckets> {
  const server: S3Server = await startS3Server()
  const proxy = await faultyProxy(server.port)
  const direct = clientOf(server.endpoint)
  const client = quickClientOf(proxy.endpoint)
  return {
    ...{ direct, client, proxy, port: server.port },
    async create() {
      const bucket = `rxweft-${randomUUID()}`
      await direct.send(new CreateBucketCommand({ Bucket: bucket }))
      return bucket
    },
    async close() {
      direct.destroy()
      client.destroy()
      await proxy.close()
      await server.close()
    },
  }
}

/** Three tries, as by default, 1 ms apart. */
function quick(): NonNullable<S3ClientConfig['retryStrategy']> {
  const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 1 })
  return {
    acquireInitialRetryToken: async () => token(0),
    async refreshRetryTokenForRetry(before, error) {
      if (before.getRetryCount() >= 2 || error.errorType === 'CLIENT_ERROR') throw new Error('no more tries')
      return token(before.getRetryCount() + 1)
    },
    recordSuccess: () => undefined,
  }
}
