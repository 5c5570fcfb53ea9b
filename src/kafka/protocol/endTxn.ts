/**
 * EndTxn: commits or aborts. From version 5 on (protocol v2) its answer carries the epoch of the
 * next transaction, and sometimes a new producer id.
 */
import type { Api } from './api.ts'
import type { ProducerIdAnswer } from './initProducerId.ts'

export interface EndTxnArgs {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  /** false: abort. */
  readonly committed: boolean
}

/** Below version 5 the producer id and epoch of the answer are those of the arguments. */
export const endTxn: Api<EndTxnArgs, ProducerIdAnswer> = {
  key: 26,
  name: 'EndTxn',
  min: 3,
  max: 5,
  encode(to, { transactionalId, producerId, producerEpoch, committed }) {
    to.string(transactionalId)
    to.int64(producerId)
    to.int16(producerEpoch)
    to.boolean(committed)
    to.tags()
  },
  decode(from, version, { producerId, producerEpoch }) {
    from.throttleTime()
    const errorCode = from.int16()
    const next = version < 5 ? { producerId, producerEpoch } : { producerId: from.int64(), producerEpoch: from.int16() }
    from.tags()
    return { errorCode, ...next }
  },
}
