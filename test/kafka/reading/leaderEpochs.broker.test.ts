/** What a real broker does with the leader epochs that are sent to it: the fetcher relies on each of these. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Connections, PartitionMetadata } from '../../../src/kafka/nodes/connections.ts'
import { type FetchedPartition, fetch, type WantedPartition } from '../../../src/kafka/protocol/fetch.ts'
import { latest, listOffsets } from '../../../src/kafka/protocol/listOffsets.ts'
import { openTransaction } from '../../../src/kafka/reading/openTransaction.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0)('a real broker', () => {
  let topics: Topics
  let topic: string
  let topicId: string
  let connections: Connections
  let partition: PartitionMetadata

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  beforeEach(async () => {
    topic = await topics.create()
    connections = await topics.cluster.connect('test')
    await topics.append(topic, ['a', 'b', 'c'])
    const [found] = (await connections.metadata([topic])).topics
    topicId = found?.topicId as string
    partition = found?.partitions[0] as PartitionMetadata
  })

  afterEach(() => connections.close())
  afterAll(() => topics.close())

  async function ask(wanted: Partial<WantedPartition>, maxVersion = 13): Promise<FetchedPartition> {
    const partitions = [{ topic, topicId, partition: 0, offset: 0, maxBytes: 100_000, ...wanted }]
    const args = { maxWait: 100, minBytes: 1, maxBytes: 100_000, partitions }
    const [answer] = await connections.call(partition.leader, fetch, args, { maxVersion })
    return answer as FetchedPartition
  }

  it('answers a Fetch with the epoch that it leads in, and refuses one of which it has not heard', async () => {
    const { leaderEpoch } = partition
    expect(await ask({ leaderEpoch })).toMatchObject({ errorCode: 0, divergingEpoch: null })
    expect(await ask({ leaderEpoch: leaderEpoch + 1 })).toMatchObject({ errorCode: 75 })
  })

  it('does the same with ListOffsets', async () => {
    const offsets = async (leaderEpoch: number) => {
      const partitions = [{ topic, partition: 0, timestamp: latest, leaderEpoch }]
      return (await connections.call(partition.leader, listOffsets, { isolation: 'read_committed', partitions }))[0]
    }
    expect(await offsets(partition.leaderEpoch)).toMatchObject({ errorCode: 0, offset: 3 })
    expect(await offsets(partition.leaderEpoch + 1)).toMatchObject({ errorCode: 75 })
  })

  it.each([12, 13])(
    'tells a consumer, too, where its log has diverged from what was read (Fetch %i)',
    async (version) => {
      const { leaderEpoch } = partition
      const fine = await ask({ offset: 3, leaderEpoch, lastFetchedEpoch: leaderEpoch }, version)
      expect(fine).toMatchObject({ errorCode: 0, divergingEpoch: null })
      const diverged = await ask({ offset: 5, leaderEpoch, lastFetchedEpoch: leaderEpoch }, version)
      expect(diverged).toMatchObject({ errorCode: 0, divergingEpoch: { epoch: leaderEpoch, endOffset: 3 } })
      expect(diverged.records.length).toBe(0)
    },
  )

  it('says that an offset is out of range if it has never had the epoch that was read', async () => {
    const { leaderEpoch } = partition
    expect(await ask({ offset: 3, leaderEpoch, lastFetchedEpoch: leaderEpoch + 1 })).toMatchObject({ errorCode: 1 })
  })

  it('puts its epoch into every batch', async () => {
    expect((await ask({})).records.readInt32BE(12)).toBe(partition.leaderEpoch)
  })

  it('says which transaction is open, and from where on', async () => {
    expect(await openTransaction(connections, partition.leader, { topic, partition: 0 })).toBeNull()
    const writer = await topics.transactional(topics.name('id'))
    await writer.send(topic, 0, ['d'])
    const open = await openTransaction(connections, partition.leader, { topic, partition: 0 })
    expect(open).toMatchObject({ firstOffset: 3 })
    expect(open?.producerId).toBeGreaterThanOrEqual(0)
    await writer.end(true)
  })
})
