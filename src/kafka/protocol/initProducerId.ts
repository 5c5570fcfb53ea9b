/**
 * InitProducerId: assigns a producer id, or a new epoch of a transactional id's producer id. With a
 * transactional id it aborts the open transaction and fences every earlier producer.
 */
import type { Api } from './api.ts'

export interface InitProducerIdArgs {
  readonly transactionalId: string | null
  /** How long a transaction may stay open before the cluster aborts it, ms. */
  readonly transactionTimeout: number
  /** -1 and -1: claims no epoch. */
  readonly producerId: number
  readonly producerEpoch: number
}

export interface ProducerIdAnswer {
  readonly errorCode: number
  readonly producerId: number
  readonly producerEpoch: number
}

export const initProducerId: Api<InitProducerIdArgs, ProducerIdAnswer> = {
  key: 22,
  name: 'InitProducerId',
  min: 4,
  max: 5,
  encode(to, { transactionalId, transactionTimeout, producerId, producerEpoch }) {
    to.string(transactionalId)
    to.int32(transactionTimeout)
    to.int64(producerId)
    to.int16(producerEpoch)
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const answer = { errorCode: from.int16(), producerId: from.int64(), producerEpoch: from.int16() }
    from.tags()
    return answer
  },
}
