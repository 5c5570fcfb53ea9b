import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../../src/attempt.ts'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { kafkaLedger } from '../../../src/kafka/ledger/kafkaLedger.ts'

const cluster = kafkaCluster({ brokers: ['127.0.0.1:1'], connectionTimeout: 50 })

/** The code of the error, of which BROKERS_UNREACHABLE comes after the check of the timeout. */
async function opening(transactionTimeout: number | undefined, longestTransaction: number): Promise<string> {
  const { signal } = new AbortController()
  const attempt = { job: 'job', shard: 0, longestTransaction, signal, tell: () => undefined }
  const open = async () => kafkaLedger(cluster, 'prefix', transactionTimeout).open(attempt as unknown as AttemptContext)
  return open().then(
    () => 'opened',
    (error) => error.code ?? String(error),
  )
}

describe('the timeout of transactions', () => {
  it('must be longer than a transaction may last', async () => {
    expect(await opening(5_000, 5_001)).toBe('TRANSACTION_TIMEOUT_TOO_SHORT')
    expect(await opening(5_000, 5_000)).toBe('TRANSACTION_TIMEOUT_TOO_SHORT')
    expect(await opening(5_000, 4_999)).toBe('BROKERS_UNREACHABLE')
  })

  it('is by default twice that, but no more than brokers allow by default', async () => {
    expect(await opening(undefined, 899_999)).toBe('BROKERS_UNREACHABLE')
    expect(await opening(undefined, 900_000)).toBe('TRANSACTION_TIMEOUT_TOO_SHORT')
  })
})
