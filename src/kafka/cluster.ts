/** Which Kafka cluster, and how to log in: what sources and sinks are given. Nothing happens before the job starts. */
import type { Admin, KafkaConfig } from 'kafkajs'
import type { Connections } from './connections.ts'

export interface KafkaClusterConfig {
  /** host:port; a few of them are enough, the others are found. */
  readonly brokers: readonly string[]
  /** What brokers write into their logs; default 'rxweft'. */
  readonly clientId?: string
  /** As in kafkajs: true, or the options of tls.connect (ca, cert, key, ...). */
  readonly ssl?: Exclude<KafkaConfig['ssl'], undefined>
  /** As in kafkajs: mechanism and credentials. */
  readonly sasl?: Exclude<KafkaConfig['sasl'], undefined>
  /** ms; default 5,000. */
  readonly connectionTimeout?: number
  /** ms; default 30,000. */
  readonly requestTimeout?: number
}

export interface KafkaCluster {
  /** host:port, as configured; for messages. */
  readonly brokers: readonly string[]
  /** A new set of connections. `name` says what for: brokers see it in the client id. */
  connect(name: string): Promise<Connections>
  /** kafkajs's admin client; whoever takes one connects and disconnects it. */
  admin(): Admin
}
