/** ListTransactions: the transactional ids of which one broker is the coordinator. */
import type { Api } from './api.ts'

export interface ListedTransactions {
  readonly errorCode: number
  readonly transactions: readonly ListedTransaction[]
}

export interface ListedTransaction {
  readonly transactionalId: string
  readonly producerId: number
  /** As Kafka names it, such as `Ongoing`. */
  readonly state: string
}

/** @param states those that count; none: all */
export const listTransactions: Api<readonly string[], ListedTransactions> = {
  key: 66,
  name: 'ListTransactions',
  min: 0,
  max: 0,
  encode(to, states) {
    to.array(states, to.string)
    to.array([], () => undefined) // producer ids: all
    to.tags()
  },
  decode(from) {
    from.throttleTime()
    const errorCode = from.int16()
    from.array(() => from.string()) // unknown states
    const transactions = from.array(() => {
      const found = { transactionalId: from.string(), producerId: from.int64(), state: from.string() }
      from.tags()
      return found
    })
    from.tags()
    return { errorCode, transactions }
  },
}
