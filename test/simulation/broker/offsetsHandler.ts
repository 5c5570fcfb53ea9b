/** Metadata and ListOffsets: where things are. */
import type { ListedOffset, ListOffsetsArgs } from '../../../src/kafka/protocol/listOffsets.ts'
import { earliest } from '../../../src/kafka/protocol/listOffsets.ts'
import type { Handler, Shared } from './brokers.ts'
import { errors } from './errors.ts'

export function offsetsHandler({ topology, moods }: Shared): readonly (readonly [number, Handler])[] {
  function listed(node: number, isolation: string, topic: string, partition: number, timestamp: number): ListedOffset {
    const led = topology.find(topic, partition)
    const answer = (errorCode: number, offset: number): ListedOffset => ({
      topic,
      partition,
      errorCode,
      offset,
      timestamp: -1,
    })
    if (led === undefined) return answer(errors.unknownTopic, -1)
    if (led.leader !== node || moods.refuses()) return answer(errors.notLeader, -1)
    if (timestamp === earliest) return answer(0, 0)
    return answer(0, isolation === 'read_committed' ? led.log.lastStable : led.log.end)
  }

  return [
    [3, ({ args }, reply) => reply(topology.metadata(args as readonly string[]))],
    [
      2,
      ({ node, args }, reply) => {
        const { isolation, partitions } = args as ListOffsetsArgs
        reply(partitions.map(({ topic, partition, timestamp }) => listed(node, isolation, topic, partition, timestamp)))
      },
    ],
  ]
}
