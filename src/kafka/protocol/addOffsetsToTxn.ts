/**
 * AddOffsetsToTxn, protocol v1 only: announces to the coordinator that a transaction will commit
 * offsets of a consumer group.
 */
import type { Api } from './api.ts'

export interface AddOffsetsToTxnArgs {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly groupId: string
}

export const addOffsetsToTxn: Api<AddOffsetsToTxnArgs, { readonly errorCode: number }> = {
  key: 25,
  name: 'AddOffsetsToTxn',
  min: 3,
  max: 4,
  encode(to, { transactionalId, producerId, producerEpoch, groupId }) {
    to.string(transactionalId)
    to.int64(producerId)
    to.int16(producerEpoch)
    to.string(groupId)
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const answer = { errorCode: from.int16() }
    from.tags()
    return answer
  },
}
