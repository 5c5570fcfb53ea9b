/** Heartbeat: keeps a member in its group, and learns of a new round. */
import type { Api } from './api.ts'

export interface HeartbeatArgs {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
}

export const heartbeat: Api<HeartbeatArgs, { readonly errorCode: number }> = {
  key: 12,
  name: 'Heartbeat',
  min: 4,
  max: 4,
  encode(to, { groupId, generation, memberId }) {
    to.string(groupId)
    to.int32(generation)
    to.string(memberId)
    to.string(null) // group instance id
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const errorCode = from.int16()
    from.tags()
    return { errorCode }
  },
}
