import { describe, expect, it } from 'vitest'
import { safest, tellWeakness } from '../../../src/kafka/ledger/ledgerStrength.ts'
import { createAsAllowed, type Refusal, seen } from '../../../src/kafka/nodes/createTopic.ts'
import { FatalError } from '../../../src/openErrors.ts'

const refusal: Refusal = {
  fatal: 'LEDGER_TOPIC_MISSING',
  retriable: 'LEDGER_TOPIC_NOT_CREATED',
  what: 'the ledger topic',
}

describe('a topic of its own that a busy cluster has not made visible yet', () => {
  it('is waited for, longer than one of others, and then tried again: never Fatal', async () => {
    let within = 0
    const missing = async (_: string, limit = 0) => {
      within = limit
      throw new FatalError('TOPIC_MISSING', 'no broker knows it')
    }
    await expect(seen({ topic: missing }, 'rxweft-a-ledger', refusal)).rejects.toMatchObject({
      code: 'LEDGER_TOPIC_NOT_CREATED',
      consequence: 'retriable',
    })
    expect(within).toBe(60_000)
  })

  it('but a missing right is told as it is', async () => {
    const denied = async () => {
      throw new FatalError('TOPIC_AUTHORIZATION_FAILED', 'no')
    }
    await expect(seen({ topic: denied }, 'rxweft-a-ledger', refusal)).rejects.toMatchObject({ consequence: 'fatal' })
  })
})

/** A cluster that has so many brokers, some of them away perhaps, and prescribes replication or not. */
function clusterOf(brokers: number, prescribes = false) {
  const asked: number[] = []
  const admin = {
    connect: async () => undefined,
    disconnect: async () => undefined,
    async createTopics({ topics }: { topics: { replicationFactor: number; configEntries: unknown }[] }) {
      const factor = topics[0]?.replicationFactor ?? 0
      asked.push(factor)
      // INVALID_REPLICATION_FACTOR, POLICY_VIOLATION
      const code = factor > brokers ? 38 : prescribes && factor > 0 ? 44 : 0
      if (code > 0) throw Object.assign(new Error('refused'), { errors: [{ code }] })
      return true
    },
  }
  return { cluster: { admin: () => admin } as never, asked }
}

const plain = { topic: 'rxweft-a-ledger', partitions: 1, configEntries: [] }

describe('a topic whose records must not be lost', () => {
  it.each([
    ['one broker', 1, 1, [3, 1]],
    ['two brokers', 2, 2, [3, 2]],
    ['three brokers', 3, 3, [3]],
    ['three brokers, of which one is away', 3, 2, [3]],
    ['nine brokers', 9, 9, [3]],
  ])(
    'with %s is asked for with as many replicas as there can be, three at most',
    async (_, brokers, there, factors) => {
      const { cluster, asked } = clusterOf(brokers)
      const best = safest(there).map((shape) => ({ ...plain, ...shape }))
      expect(await createAsAllowed(cluster, best, plain, refusal)).toBe(true)
      expect(asked).toEqual(factors)
    },
  )

  it('is made as a cluster prescribes that allows nothing else', async () => {
    const { cluster, asked } = clusterOf(2, true)
    const best = safest(2).map((shape) => ({ ...plain, ...shape }))
    expect(await createAsAllowed(cluster, best, plain, refusal)).toBe(true)
    expect(asked).toEqual([3, 2, -1])
  })
})

describe('the ledger topic', () => {
  it.each([
    [1, 1, '1'],
    [2, 2, '2'],
    [3, 3, '2'],
    [9, 3, '2'],
  ])('of a cluster of %i brokers has %i replicas, of which %s must have each entry', (brokers, replication, minIsr) => {
    expect(safest(brokers).at(-1)).toMatchObject({
      replication,
      configEntries: expect.arrayContaining([
        { name: 'min.insync.replicas', value: minIsr },
        { name: 'message.timestamp.type', value: 'LogAppendTime' },
      ]),
    })
  })

  it.each([
    [{ brokers: 1, replication: 1, minIsr: 1 }, 0],
    [{ brokers: 3, replication: 3, minIsr: 2 }, 0],
    [{ brokers: 3, replication: 1, minIsr: 1 }, 1],
    [{ brokers: 3, replication: 3, minIsr: 1 }, 1],
    [{ brokers: 3, replication: 2, minIsr: 2 }, 1],
  ])('%j is told as weak once a start, where the cluster could do better: %i', async (found, times) => {
    const told: unknown[] = []
    const admin = {
      connect: async () => undefined,
      disconnect: async () => undefined,
      describeCluster: async () => ({ brokers: Array.from({ length: found.brokers }) }),
      fetchTopicMetadata: async () => ({
        topics: [{ partitions: [{ replicas: Array.from({ length: found.replication }) }] }],
      }),
      describeConfigs: async () => ({ resources: [{ configEntries: [{ configValue: `${found.minIsr}` }] }] }),
    }
    const cluster = { admin: () => admin } as never
    const attempt = { execution: 'e', shard: 0, tell: (notice: unknown) => void told.push(notice) }
    const topics = ['rxweft-a-ledger', 'rxweft-a-plan', 'rxweft-a-state']
    for (const topic of [...topics, ...topics]) await tellWeakness(attempt, cluster, topic)
    const events = topics.map((topic) => ({ type: 'ledger-weak', topic, ...found }))
    expect(told).toEqual(times === 0 ? [] : events)
  })
})
