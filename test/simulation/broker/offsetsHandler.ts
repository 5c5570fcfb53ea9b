/** Metadata, ListOffsets, DescribeProducers and DescribeConfigs: where things are, how they are, and who is at it. */
import type { TopicPartition } from '../../../src/kafka/protocol/api.ts'
import type { DescribedPartition } from '../../../src/kafka/protocol/describeProducers.ts'

import type { ListedOffset, ListOffsetsArgs } from '../../../src/kafka/protocol/listOffsets.ts'
import { earliest } from '../../../src/kafka/protocol/listOffsets.ts'
import { errors } from './errors.ts'
import type { Handler, Shared } from './handler.ts'

/** An epoch that the client knows and the broker does not, or the other way round; -1: the client does not say. */
export function epochMismatch(asked = -1, known: number): number {
  if (asked < 0 || asked === known) return 0
  return asked < known ? errors.fencedLeaderEpoch : errors.unknownLeaderEpoch
}

type WantedOffset = ListOffsetsArgs['partitions'][number]

export function offsetsHandler({ topology, moods }: Shared): readonly (readonly [number, Handler])[] {
  function listed(node: number, isolation: string, wanted: WantedOffset): ListedOffset {
    const { topic, partition, timestamp, leaderEpoch } = wanted
    const led = topology.find(topic, partition)
    const epoch = led === undefined ? -1 : topology.epoch(node, led)
    const answer = (errorCode: number, offset: number): ListedOffset => {
      return { topic, partition, errorCode, offset, timestamp: -1, leaderEpoch: errorCode === 0 ? epoch : -1 }
    }
    if (led === undefined) return answer(errors.unknownTopic, -1)
    const replica = topology.replica(node, led)
    if (replica === null || moods.refuses()) return answer(errors.notLeader, -1)
    const mismatch = epochMismatch(leaderEpoch, epoch)
    if (mismatch !== 0) return answer(mismatch, -1)
    if (timestamp === earliest) return answer(0, replica.log.start)
    return answer(0, isolation === 'read_committed' ? replica.log.lastStable : replica.log.end)
  }

  /** DescribeProducers: who has a transaction open. */
  function described(node: number, { topic, partition }: TopicPartition): DescribedPartition {
    const led = topology.find(topic, partition)
    const replica = led === undefined ? null : topology.replica(node, led)
    const errorCode = led === undefined ? errors.unknownTopic : replica === null ? errors.notLeader : 0
    const producers = (replica?.log.open ?? []).map(({ producerId, firstOffset }) => {
      return { producerId, transactionStart: firstOffset }
    })
    return { topic, partition, errorCode, producers }
  }

  return [
    [61, ({ node, args }, reply) => reply((args as readonly TopicPartition[]).map((one) => described(node, one)))],
    [32, (_, reply) => reply({ errorCode: 0, values: new Map([['max.message.bytes', '1048588']]) })],
    [3, ({ node, args }, reply) => reply(topology.metadata(node, args as readonly string[]))],
    [
      2,
      ({ node, args }, reply) => {
        const { isolation, partitions } = args as ListOffsetsArgs
        reply(partitions.map((wanted) => listed(node, isolation, wanted)))
      },
    ],
  ]
}
