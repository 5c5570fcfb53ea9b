/**
 * Topics of a run: created for it, asked for their ends, and deleted afterwards, so that the disk
 * does not fill.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { latest, listOffsets } from '../../src/kafka/protocol/listOffsets.ts'

export interface Topics {
  /** `base` with a number that no topic has had. With `appendTime` the broker says when each record came. */
  create(base: string, partitions: number, appendTime?: boolean): Promise<Topic>
  close(): Promise<void>
}

export interface Topic {
  readonly name: string
  readonly partitions: number
  /** Offsets that are decided, over all partitions: records and the markers of transactions. */
  committed(): Promise<number>
  delete(): Promise<void>
}

export async function topicsOn(brokers: readonly string[]): Promise<Topics> {
  const cluster = kafkaCluster({ brokers, clientId: 'bench' })
  const connections = await cluster.connect('topics')
  const admin = cluster.admin()
  await admin.connect()
  const prefix = `bench-${Date.now().toString(36)}`
  let made = 0

  async function create(base: string, partitions: number, appendTime = false): Promise<Topic> {
    made += 1
    const name = `${prefix}-${made}-${base}`
    const configEntries = [
      { name: 'retention.ms', value: '-1' },
      ...(appendTime ? [{ name: 'message.timestamp.type', value: 'LogAppendTime' }] : []),
    ]
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: name, numPartitions: partitions, replicationFactor: 1, configEntries }],
    })
    await leadersOf(name, partitions)
    return {
      name,
      partitions,
      async committed() {
        const ends = [...(await leadersOf(name, partitions))].map(async ([leader, those]) => {
          const wanted = those.map((partition) => ({ topic: name, partition, timestamp: latest }))
          const listed = await connections.call(leader, listOffsets, {
            isolation: 'read_committed',
            partitions: wanted,
          })
          return listed.reduce((sum, { offset }) => sum + Math.max(0, offset), 0)
        })
        return (await Promise.all(ends)).reduce((sum, end) => sum + end, 0)
      },
      delete: () => admin.deleteTopics({ topics: [name] }),
    }
  }

  /** The partitions by the node that leads them. A moment may pass until a topic that has just been made has them all. */
  async function leadersOf(name: string, partitions: number): Promise<ReadonlyMap<number, readonly number[]>> {
    for (let tries = 0; tries < 100; tries++) {
      const { topics } = await connections.metadata([name])
      const led = topics[0]?.partitions.filter(({ leader }) => leader >= 0) ?? []
      if (led.length === partitions) return grouped(led)
      await pause(50)
    }
    throw new Error(`the partitions of ${name} have no leaders after 5 s`)
  }

  return {
    create,
    async close() {
      await admin.disconnect()
      await connections.close()
    },
  }
}

function grouped(led: readonly { readonly leader: number; readonly partition: number }[]): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const { leader, partition } of led) groups.set(leader, [...(groups.get(leader) ?? []), partition])
  return groups
}
