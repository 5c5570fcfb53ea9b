/**
 * JoinGroup: becomes a member of a group, or takes part in its next round. The coordinator answers
 * once every member has joined the round, or has been removed.
 */
import { Buffer } from 'node:buffer'
import type { Api } from './api.ts'

export interface JoinGroupArgs {
  readonly groupId: string
  /** Silence after which the coordinator removes the member, ms. */
  readonly sessionTimeout: number
  /** How long a round waits for members that have not joined it, ms. */
  readonly rebalanceTimeout: number
  /** Empty for a newcomer: the coordinator refuses with MEMBER_ID_REQUIRED and assigns an id. */
  readonly memberId: string
  readonly protocolType: string
  /** Must be common to all members. */
  readonly protocolName: string
  /** What the leader is told about this member. */
  readonly metadata: Buffer
}

export interface JoinedGroup {
  readonly errorCode: number
  /** Round; starts anew when the group has been empty. */
  readonly generation: number
  /** Member id of the leader. */
  readonly leader: string
  readonly memberId: string
  /** Everybody, for the leader; otherwise empty. */
  readonly members: readonly JoinedMember[]
}

export interface JoinedMember {
  readonly memberId: string
  readonly metadata: Buffer
}

export const joinGroup: Api<JoinGroupArgs, JoinedGroup> = {
  key: 11,
  name: 'JoinGroup',
  min: 6,
  max: 6,
  hold: ({ rebalanceTimeout }) => rebalanceTimeout,
  encode(to, args) {
    to.string(args.groupId)
    to.int32(args.sessionTimeout)
    to.int32(args.rebalanceTimeout)
    to.string(args.memberId)
    to.string(null) // group instance id
    to.string(args.protocolType)
    to.array([args], ({ protocolName, metadata }) => {
      to.string(protocolName)
      to.bytes(metadata)
      to.tags()
    })
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const errorCode = from.int16()
    const generation = from.int32()
    from.nullableString() // protocol name
    const leader = from.string()
    const memberId = from.string()
    const members = from.array(() => {
      const id = from.string()
      from.nullableString() // group instance id
      const metadata = from.bytes() ?? Buffer.alloc(0)
      from.tags()
      return { memberId: id, metadata }
    })
    from.tags()
    return { errorCode, generation, leader, memberId, members }
  },
}
