/** Arena of the faults: a broker of our own, and a proxy through which jobs reach it. */
import type { JavaBroker } from '../../tools/broker/foundBroker.ts'
import { startJavaBroker } from '../../tools/broker/javaBroker.ts'
import { type KafkaProxy, startKafkaProxy } from './kafkaProxy.ts'

export interface Arena {
  readonly broker: JavaBroker
  readonly proxy: KafkaProxy
  /** host:port where the test itself talks to the broker. */
  readonly direct: string
  close(): Promise<void>
}

/** @param protocol of transactions: 2 is that of Kafka 4, and 1 that of older ones. */
export async function openArena(protocol: 1 | 2 = 2): Promise<Arena> {
  const proxy = await startKafkaProxy()
  const listeners = { PROXIED: { protocol: 'PLAINTEXT', advertised: proxy.address } } as const
  // Brokers are killed and transactions expire here all the time: both shall be noticed soon.
  const properties = {
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200',
    'broker.session.timeout.ms': '2000',
  }
  const format = protocol === 1 ? ['--feature', 'transaction.version=0'] : []
  const broker = await startJavaBroker({ listeners, format, properties }).catch(async (error) => {
    await proxy.close()
    throw error
  })
  proxy.target = broker.addresses.PROXIED as string
  return {
    broker,
    proxy,
    direct: broker.brokers[0] as string,
    async close() {
      await proxy.close()
      await broker.stop()
    },
  }
}
