/** ListTransactions: the transactional ids that a broker coordinates. */
import type { KafkaCluster } from '../../src/kafka/cluster.ts'
import type { Api } from '../../src/kafka/protocol/api.ts'

interface Listed {
  readonly errorCode: number
  readonly transactionalIds: readonly string[]
}

const api: Api<null, Listed> = {
  key: 66,
  name: 'ListTransactions',
  min: 0,
  max: 0,
  encode(to) {
    to.array<never>([], () => undefined) // in any state
    to.array<never>([], () => undefined) // of any producer id
    to.tags()
  },
  decode(from) {
    from.int32() // throttle time
    const errorCode = from.int16()
    from.array(from.string) // states that it does not know
    const transactionalIds = from.array(() => {
      const transactionalId = from.string()
      from.int64() // producer id
      from.string() // state
      from.tags()
      return transactionalId
    })
    from.tags()
    return { errorCode, transactionalIds }
  },
}

/** Of a cluster of one broker. */
export async function listTransactions(cluster: KafkaCluster): Promise<readonly string[]> {
  const connections = await cluster.connect('transactions')
  try {
    const { errorCode, transactionalIds } = await connections.call('any', api, null)
    if (errorCode !== 0) throw new Error(`ListTransactions: error ${errorCode}`)
    return transactionalIds
  } finally {
    await connections.close()
  }
}
