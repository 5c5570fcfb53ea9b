/** DescribeTransactions, answered by the coordinator of the ids: since when, and over what. */
import type { Api, TopicPartition } from './api.ts'

export interface DescribedTransaction {
  readonly errorCode: number
  readonly transactionalId: string
  /** As Kafka names it, such as `Ongoing`. */
  readonly state: string
  /** Time after which the cluster aborts it, ms. */
  readonly timeout: number
  /** By the broker's clock, ms since the epoch; -1: none is open. */
  readonly startedAt: number
  readonly producerId: number
  readonly partitions: readonly TopicPartition[]
}

export const describeTransactions: Api<readonly string[], readonly DescribedTransaction[]> = {
  key: 65,
  name: 'DescribeTransactions',
  min: 0,
  max: 0,
  encode(to, ids) {
    to.array(ids, to.string)
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const described = from.array(() => {
      const [errorCode, transactionalId, state] = [from.int16(), from.string(), from.string()]
      const [timeout, startedAt, producerId] = [from.int32(), from.int64(), from.int64()]
      from.int16() // epoch
      const topics = from.array(() => {
        const topic = from.string()
        const partitions = from.array(() => ({ topic, partition: from.int32() }))
        from.tags()
        return partitions
      })
      from.tags()
      return { errorCode, transactionalId, state, timeout, startedAt, producerId, partitions: topics.flat() }
    })
    from.tags()
    return described
  },
}
