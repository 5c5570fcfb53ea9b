/** ListOffsets: first and last offset of a partition, and the offset at a time. */
import type { Api, TopicPartition } from './api.ts'
import { writeByTopic } from './byTopic.ts'
import { readByTopic } from './readByTopic.ts'

/** read_committed: the log ends at the first open transaction. */
export type Isolation = 'read_uncommitted' | 'read_committed'

/** Timestamps with a special meaning. */
export const latest = -1
export const earliest = -2

export interface ListOffsetsArgs {
  readonly isolation: Isolation
  readonly partitions: readonly (TopicPartition & {
    /** ms since the epoch, or `earliest`, or `latest`. */
    readonly timestamp: number
    /**
     * Leader epoch from metadata: a leader with another epoch refuses. Default: any leader answers.
     */
    readonly leaderEpoch?: number | undefined
  })[]
}

export interface ListedOffset extends TopicPartition {
  readonly errorCode: number
  /** First offset at or after the timestamp; -1 if there is none. */
  readonly offset: number
  /** Timestamp of the record at that offset; -1 for `earliest` and `latest`. */
  readonly timestamp: number
  /** Epoch of the leader that answered, for `latest`; -1 if not reported. */
  readonly leaderEpoch: number
}

export const listOffsets: Api<ListOffsetsArgs, readonly ListedOffset[]> = {
  key: 2,
  name: 'ListOffsets',
  min: 6,
  max: 7,
  encode(to, { isolation, partitions }) {
    to.int32(-1) // replica id: a client
    to.int8(isolation === 'read_committed' ? 1 : 0)
    writeByTopic(to, partitions, ({ partition, timestamp, leaderEpoch = -1 }) => {
      to.int32(partition)
      to.int32(leaderEpoch)
      to.int64(timestamp)
      to.tags()
    })
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const listed = readByTopic(from, (topic) => {
      const partition = from.int32()
      const errorCode = from.int16()
      const timestamp = from.int64()
      const offset = from.int64()
      const leaderEpoch = from.int32()
      from.tags()
      return { topic, partition, errorCode, offset, timestamp, leaderEpoch }
    })
    from.tags()
    return listed
  },
}
