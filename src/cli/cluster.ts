/** The cluster that a command reads, by its options. */
import type { Command } from 'commander'
import { toError } from '../errors.ts'
import { type KafkaCluster, kafkaCluster } from '../kafka/cluster.ts'
import type { KafkaClusterConfig } from '../kafka/driver/driverSettings.ts'
import type { Connections } from '../kafka/nodes/connections.ts'
import { clusterConfig } from './clusterConfig.ts'
import { exitCodes, Refusal } from './tell.ts'

export interface ClusterOptions {
  readonly brokers?: string
  readonly config?: string
}

/** Adds the options that name a cluster. */
export function withCluster(command: Command): Command {
  return command
    .option('--brokers <host:port,...>', 'first brokers to ask; those of --config if left out')
    .option('--config <file>', 'options of kafkaCluster, such as ssl and sasl: JSON, or a module with them as default')
}

export interface JobOptions extends ClusterOptions {
  readonly job: string
  readonly prefix: string
}

/** Adds the options that name a job in its cluster. */
export function withJob(command: Command): Command {
  return withCluster(command)
    .requiredOption('--job <name>', 'name of the job')
    .option('--prefix <prefix>', "transactionalIdPrefix of the job's sinks", 'rxweft')
}

/** Connects, and closes once `use` has settled. */
export async function withConnections(
  { brokers, config }: ClusterOptions,
  client: string,
  use: (connections: Connections) => Promise<void>,
): Promise<void> {
  const cluster = await clusterOf({ brokers, config } as ClusterOptions)
  const connections = await cluster.connect(client)
  try {
    await use(connections)
  } finally {
    await connections.close()
  }
}

export async function clusterOf({ brokers, config }: ClusterOptions): Promise<KafkaCluster> {
  if (brokers === undefined && config === undefined) {
    throw new Refusal('--brokers is missing, or --config', exitCodes.wrongArguments)
  }
  const options = config === undefined ? {} : await clusterConfig(config)
  const all = { ...options, ...(brokers === undefined ? {} : { brokers: brokers.split(',') }) }
  try {
    return kafkaCluster(all as KafkaClusterConfig)
  } catch (thrown) {
    throw new Refusal(toError(thrown).message, exitCodes.wrongArguments)
  }
}
