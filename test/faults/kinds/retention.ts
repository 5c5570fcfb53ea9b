/**
 * Retention that has passed the checkpoint: the job stops, since records are gone that it has not read. What is left goes through a
 * job of another name, from the start of what there is: somebody has to decide that.
 */
import { partitions } from '../../../examples/demo/ground.ts'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { topicEnds } from '../../../tools/support/topicEnds.ts'
import { deleteRecords } from '../../kafka/deleteRecords.ts'
import type { Fault } from '../fault.ts'
import { stopsAsItMust } from '../stopsAsItMust.ts'

const passed: Fault = {
  name: 'source retention passes the checkpoint',
  short: 1,
  mustStop: 'OFFSET_OUT_OF_RANGE',
  async inject(site) {
    const { arena, source, lines, copies } = site
    await site.running()
    await copies.finish()
    const first = lines.fed + 1
    await lines.feed(partitions)
    const ends = await topicEnds([arena.direct], source, 'read_uncommitted')
    for (let number = first; number <= lines.fed; number++) lines.gone.add(number)
    await lines.feed(partitions)
    const cluster = kafkaCluster({ brokers: [arena.direct] })
    for (const [partition, end] of ends.entries()) await deleteRecords(cluster, source, partition, end)
    await stopsAsItMust(site, 'OFFSET_OUT_OF_RANGE')
    site.job = `${site.job}x`
  },
}

export const retention: readonly Fault[] = [passed]
