/** Which Kafka cluster, and how to log in: what sources and sinks are given. Nothing happens before the job starts. */

import kafkajs, { type Admin } from 'kafkajs'
import type { Notice } from '../notice.ts'
import { showAddress } from './driver/address.ts'
import { adminAddress, adminSockets } from './driver/adminSockets.ts'
import { connect } from './driver/connect.ts'
import { driverSettings, type KafkaClusterConfig } from './driver/driverSettings.ts'
import type { Connections } from './nodes/connections.ts'

export interface KafkaCluster {
  /** host:port, as configured; for messages. */
  readonly brokers: readonly string[]
  /**
   * A new set of connections; `name` says what for: brokers see it in the client id. Rejects with Retriable BROKERS_UNREACHABLE,
   * with Fatal AUTHENTICATION_FAILED, TLS_FAILED or BROKER_UNSUITABLE (older than Kafka 3.1) where all brokers say so, and say it again.
   *
   * @param tell learns of brokers that cannot be used for such a reason while others can
   */
  connect(name: string, tell?: (notice: Notice) => void): Promise<Connections>
  /** kafkajs's admin client, silent; whoever takes one connects and disconnects it. Its errors are kafkajs's. */
  admin(): Admin
}

/** Throws Fatal BAD_CLUSTER_CONFIG, which lists everything that is wrong. */
export function kafkaCluster(config: KafkaClusterConfig): KafkaCluster {
  const settings = driverSettings(config)
  const brokers = settings.brokers.map(showAddress)
  return {
    brokers,
    connect: (name, tell) => connect(name, { ...settings, clientId: `${settings.clientId}-${name}` }, tell),
    admin() {
      const { clientId, ssl, sasl, connectionTimeout, requestTimeout } = settings
      const given = { ...(ssl === null ? {} : { ssl }), ...(sasl === null ? {} : { sasl }) }
      const fixed = { logCreator: () => () => undefined, socketFactory: adminSockets }
      const seeds = settings.brokers.map(adminAddress)
      return new kafkajs.Kafka({
        brokers: seeds,
        clientId,
        connectionTimeout,
        requestTimeout,
        ...given,
        ...fixed,
      }).admin()
    },
  }
}
