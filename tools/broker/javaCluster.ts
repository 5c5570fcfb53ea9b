/**
 * A real cluster without Docker: three brokers and a controller, each a JVM that can be killed, stopped, paused and upgraded, on a
 * network that can be cut between any two of them, and between them and a job, one way or both.
 *
 *   test --direct--> broker 1, 2, 3       never cut, for feeding and judging
 *   job  --link----> broker 1, 2, 3       `jobBrokers`
 *   broker --link--> other brokers, controller
 *
 * Everything is there three times, min ISR is 2, and there is no unclean election.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClusterGround, loopback } from './clusterGround.ts'
import { type BrokerId, brokerIds, type ClusterLinks, type NodeName, nodeNames } from './clusterLinks.ts'
import { type ClusterNode, clusterNode } from './clusterNode.ts'
import type { ClusterPorts } from './clusterProperties.ts'
import { endGuard } from './endGuard.ts'
import { freePort } from './freePort.ts'
import { kafkaVersion } from './kafkaJars.ts'

export type { BrokerId, NodeName, Place } from './clusterLinks.ts'
export { brokerIds, nodeNames } from './clusterLinks.ts'

export interface JavaClusterOptions {
  /** Of Kafka, on all nodes; default: the usual one. See `kafkaVersions`. */
  readonly version?: string
  /** More of every node's server.properties, or others. */
  readonly properties?: Readonly<Record<string, string>>
  /** More arguments of StorageTool format: ['--feature', 'transaction.version=0']. */
  readonly format?: readonly string[]
  /** Where the nodes run. Default: all on this machine's loopback device. */
  readonly ground?: ClusterGround
}

export interface JavaCluster {
  /** host:port of broker 1, 2 and 3 for the test itself: never cut. */
  readonly brokers: readonly string[]
  /** host:port of broker 1, 2 and 3 for jobs, by way of links. */
  readonly jobBrokers: readonly string[]
  readonly nodes: Readonly<Record<NodeName, ClusterNode>>
  readonly links: ClusterLinks
  /** Those of `brokers` that are up and awake. */
  readonly answering: readonly string[]
  /** Everything flows, everybody is awake and has been started; resolves when all have joined. */
  heal(): Promise<void>
  stop(): Promise<void>
}

/** Rejects with UnavailableError where there is no Java, no jar, or but one loopback address. */
export async function startJavaCluster(options: JavaClusterOptions = {}): Promise<JavaCluster> {
  const { version = kafkaVersion, properties = {}, format = [], ground = loopback } = options
  const root = await mkdtemp(join(tmpdir(), 'rxweft-cluster-'))
  // The guards of the processes remove what is theirs, and leave this.
  const guard = endGuard('sleep 2; rm -rf "$1"', [root])
  const ports = await freePorts()
  const links = await ground.links(ports)
  const opened = await Promise.all(
    nodeNames.map((name) => clusterNode(name, root, { ports, ground, version, properties, format })),
  )
  const nodes = Object.fromEntries(opened.map((node) => [node.name, node])) as Record<NodeName, ClusterNode>

  async function stop(): Promise<void> {
    await Promise.all(opened.map((node) => node.kill()))
    await links.close()
    await rm(root, { recursive: true, force: true })
    guard.dismiss()
  }

  try {
    await nodes.controller.start()
    await Promise.all(brokerIds.map((id) => nodes[id].start()))
  } catch (error) {
    await stop()
    throw error
  }
  const addressOf = (id: BrokerId): string => `${ground.own(id)}:${ports.direct[id]}`
  return {
    brokers: brokerIds.map(addressOf),
    jobBrokers: brokerIds.map((id) => `${ground.host('job', id)}:${ports.job[id]}`),
    nodes,
    links,
    get answering() {
      return brokerIds.filter((id) => nodes[id].state === 'running').map(addressOf)
    },
    async heal() {
      links.heal()
      for (const node of opened) if (node.state === 'paused') node.wake()
      if (nodes.controller.state === 'down') await nodes.controller.start()
      await Promise.all(brokerIds.filter((id) => nodes[id].state === 'down').map((id) => nodes[id].start()))
    },
    stop,
  }
}

async function freePorts(): Promise<ClusterPorts> {
  const each = async () => ({ 1: await freePort(), 2: await freePort(), 3: await freePort() })
  return { direct: await each(), job: await each(), inner: { ...(await each()), controller: await freePort() } }
}
