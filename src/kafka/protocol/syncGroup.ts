/**
 * SyncGroup: ends a round. The leader sends each member's bytes; every member gets its own once the
 * leader has sent them.
 */
import { Buffer } from 'node:buffer'
import type { Api } from './api.ts'

export interface SyncGroupArgs {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  /** From the leader; otherwise empty. */
  readonly assignments: readonly Assignment[]
  /** How long the leader may take, ms. */
  readonly rebalanceTimeout: number
}

export interface Assignment {
  readonly memberId: string
  readonly assignment: Buffer
}

export interface SyncedGroup {
  readonly errorCode: number
  readonly assignment: Buffer
}

export const syncGroup: Api<SyncGroupArgs, SyncedGroup> = {
  key: 14,
  name: 'SyncGroup',
  min: 4,
  max: 4,
  hold: ({ rebalanceTimeout }) => rebalanceTimeout,
  encode(to, { groupId, generation, memberId, assignments }) {
    to.string(groupId)
    to.int32(generation)
    to.string(memberId)
    to.string(null) // group instance id
    to.array(assignments, (one) => {
      to.string(one.memberId)
      to.bytes(one.assignment)
      to.tags()
    })
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const answer = { errorCode: from.int16(), assignment: from.bytes() ?? Buffer.alloc(0) }
    from.tags()
    return answer
  },
}
