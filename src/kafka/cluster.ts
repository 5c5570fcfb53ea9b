import kafkajs, { type Admin } from 'kafkajs'
import type { Notice } from '../notice.ts'
import { showAddress } from './driver/address.ts'
import { adminAddress, adminSockets } from './driver/adminSockets.ts'
import { driverSettings, type KafkaClusterConfig } from './driver/driverSettings.ts'
import { openConnections } from './driver/openConnections.ts'
import type { Connections } from './nodes/connections.ts'
import { shareLookups } from './nodes/lookups.ts'

/** Kafka cluster with its login, made by `kafkaCluster` and given to sources and sinks. */
export interface KafkaCluster {
  /** Configured addresses, as host:port; for messages. */
  readonly brokers: readonly string[]
  /**
   * Opens a new set of connections; brokers see `name` in the client id.
   *
   * Rejects with Retriable BROKERS_UNREACHABLE; with Fatal AUTHENTICATION_FAILED, TLS_FAILED or
   * BROKER_UNSUITABLE (older than Kafka 3.1) if all brokers answer so, twice.
   *
   * @param tell receives a notice for each broker that is unusable for such a reason while others
   *   are usable
   */
  connect(name: string, tell?: (notice: Notice) => void): Promise<Connections>
  /**
   * Makes a silent kafkajs admin client; the caller connects and disconnects it. Its errors are
   * those of kafkajs.
   */
  admin(): Admin
}

/**
 * Describes a Kafka cluster for sources and sinks. Connects only when a job starts.
 *
 *     const cluster = kafkaCluster({ brokers: ['localhost:9092'] })
 *
 * @throws BAD_OPTION if an option is wrong; the error lists all problems
 */
export function kafkaCluster(config: KafkaClusterConfig): KafkaCluster {
  const settings = driverSettings(config)
  const brokers = settings.brokers.map(showAddress)
  const connect: KafkaCluster['connect'] = (name, tell) =>
    openConnections(name, { ...settings, clientId: `${settings.clientId}-${name}` }, tell)
  const cluster: KafkaCluster = {
    brokers,
    connect,
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
  shareLookups(cluster, () => connect('lookups'))
  return cluster
}
