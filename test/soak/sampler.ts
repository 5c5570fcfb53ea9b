/** Takes samples of everything that must not grow: in the job, in its folder, and at the broker. */
import { readdir } from 'node:fs/promises'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import type { Sample } from './figures.ts'
import { listTransactions } from './listTransactions.ts'
import type { Watched } from './watched.ts'

export interface Place {
  /** host:port */
  readonly broker: string
  /** Of the snapshots. */
  readonly folder: string
  /** Its consumer group has the same name. */
  readonly job: string
  readonly source: string
}

export async function sampler(
  { broker, folder, job, source }: Place,
  watched: Watched,
): Promise<() => Promise<Sample>> {
  const cluster = kafkaCluster({ brokers: [broker] })

  /** A new client each time: nothing of it may be counted in the job, and nothing of it stays. */
  async function atBroker() {
    const admin = cluster.admin()
    await admin.connect()
    try {
      const [read] = await admin.fetchOffsets({ groupId: job, topics: [source] })
      const done = new Map(read?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
      // Afterwards, so that it is never less than nothing.
      const ends = await topicEnds([broker], source, 'read_committed')
      const lag = ends.reduce((sum, end, partition) => sum + end - (done.get(partition) ?? 0), 0)
      const { groups } = await admin.listGroups()
      return { lag, groups: groups.length, topics: (await admin.listTopics()).length }
    } finally {
      await admin.disconnect()
    }
  }

  return async () => {
    const { heap, rss, handles, descriptors, listeners, restarts } = await watched.ask()
    const snapshots = (await readdir(folder)).length
    const transactionalIds = (await listTransactions(cluster)).length
    return { heap, rss, handles, descriptors, listeners, restarts, snapshots, transactionalIds, ...(await atBroker()) }
  }
}
