/** LeaveGroup: removes members from a group, the sender or others, at once. */
import type { Api } from './api.ts'

export interface LeaveGroupArgs {
  readonly groupId: string
  readonly memberIds: readonly string[]
}

export interface LeftGroup {
  readonly errorCode: number
  readonly members: readonly { readonly memberId: string; readonly errorCode: number }[]
}

export const leaveGroup: Api<LeaveGroupArgs, LeftGroup> = {
  key: 13,
  name: 'LeaveGroup',
  min: 4,
  max: 4,
  encode(to, { groupId, memberIds }) {
    to.string(groupId)
    to.array(memberIds, (memberId) => {
      to.string(memberId)
      to.string(null) // group instance id
      to.tags()
    })
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const errorCode = from.int16()
    const members = from.array(() => {
      const memberId = from.string()
      from.nullableString() // group instance id
      const member = { memberId, errorCode: from.int16() }
      from.tags()
      return member
    })
    from.tags()
    return { errorCode, members }
  },
}
