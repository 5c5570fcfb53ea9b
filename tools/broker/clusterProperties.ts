/**
 * server.properties and the hosts file of each node of a cluster: three brokers, and a controller
 * in a process of its own.
 */
import { hostname } from 'node:os'
import type { ClusterGround } from './clusterGround.ts'
import { brokerIds, type NodeName, numberOf, type Ports } from './clusterLinks.ts'
import { quickSettings } from './quickSettings.ts'

export interface ClusterPorts extends Ports {
  /** Of each broker, for the test itself: never cut. */
  readonly direct: Ports['job']
}

/**
 * Settings of a careful operator, with shorter timeouts: a silent broker is replaced after four
 * seconds, and a follower that lags for five leaves the ISR.
 */
const replicated: Readonly<Record<string, string>> = {
  'default.replication.factor': '3',
  'min.insync.replicas': '2',
  'unclean.leader.election.enable': 'false',
  'offsets.topic.replication.factor': '3',
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
  'transaction.state.log.num.partitions': '3',
  'broker.session.timeout.ms': '4000',
  'broker.heartbeat.interval.ms': '500',
  'replica.lag.time.max.ms': '5000',
}

/** For four JVMs on one machine: the cleaner's buffer alone would be 128 MiB. */
const small: Readonly<Record<string, string>> = {
  'log.cleaner.dedupe.buffer.size': '4194304',
  'num.io.threads': '4',
  'num.network.threads': '2',
}

export interface PropertiesParts {
  readonly ports: ClusterPorts
  readonly ground: ClusterGround
  /** Where the log goes. */
  readonly folder: string
  /** Whatever else; wins over the defaults. */
  readonly more: Readonly<Record<string, string>>
}

/**
 * Hosts have names, since one address is advertised to all, and each JVM resolves it to its own
 * link.
 */
export function clusterProperties(name: NodeName, { ports, ground, folder, more }: PropertiesParts): string {
  const properties = {
    ...quickSettings,
    ...replicated,
    ...small,
    ...(name === 'controller' ? controller(ports, ground) : broker(name, ports, ground)),
    'node.id': String(numberOf(name)),
    'controller.quorum.voters': `${numberOf('controller')}@${innerHost('controller')}:${ports.inner.controller}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,DIRECT:PLAINTEXT,INNER:PLAINTEXT,JOB:PLAINTEXT',
    'log.dirs': folder,
    ...more,
  }
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`
}

function controller({ inner }: ClusterPorts, ground: ClusterGround): Record<string, string> {
  return {
    'process.roles': 'controller',
    listeners: `CONTROLLER://${ground.own('controller')}:${inner.controller}`,
    // Brokers learn it from the quorum, and would bypass their links.
    'advertised.listeners': `CONTROLLER://${innerHost('controller')}:${inner.controller}`,
  }
}

function broker(id: 1 | 2 | 3, { direct, inner, job }: ClusterPorts, ground: ClusterGround): Record<string, string> {
  const own = ground.own(id)
  return {
    'process.roles': 'broker',
    listeners: `DIRECT://${own}:${direct[id]},INNER://${own}:${inner[id]},JOB://${own}:${job[id]}`,
    'advertised.listeners': [
      `DIRECT://${own}:${direct[id]}`,
      `INNER://${innerHost(id)}:${inner[id]}`,
      `JOB://${ground.host('job', id)}:${job[id]}`,
    ].join(','),
    'inter.broker.listener.name': 'INNER',
  }
}

/** For -Djdk.net.hosts.file. */
export function hostsFile(name: NodeName, ground: ClusterGround): string {
  const others = [...brokerIds, 'controller' as const].map((to) => `${ground.host(name, to)} ${innerHost(to)}`)
  return `${['127.0.0.1 localhost', `127.0.0.1 ${hostname()}`, ...others].join('\n')}\n`
}

function innerHost(name: NodeName): string {
  return `node${numberOf(name)}`
}
