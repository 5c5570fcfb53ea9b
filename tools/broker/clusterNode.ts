/**
 * One node of a cluster, a broker or the controller: its folder, and its JVM, in any version of
 * Kafka.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { javaArguments, runJava } from '../support/javaTool.ts'
import { type BrokerProcess, brokerProcess } from './brokerProcess.ts'
import type { ClusterGround } from './clusterGround.ts'
import { type NodeName, numberOf } from './clusterLinks.ts'
import { type ClusterPorts, clusterProperties, hostsFile } from './clusterProperties.ts'
import { UnavailableError } from './foundBroker.ts'

export interface ClusterNode {
  readonly name: NodeName
  readonly state: 'running' | 'paused' | 'down'
  /** Of the JVM; null while none runs. */
  readonly pid: number | null
  /** Version of Kafka at its last start. */
  readonly version: string
  /** SIGKILL. */
  kill(): Promise<void>
  /**
   * SIGTERM, on which a broker hands over its leaderships; SIGKILL if it does not end within half a
   * minute.
   */
  stop(): Promise<void>
  /** SIGSTOP. */
  pause(): void
  /** SIGCONT. */
  wake(): void
  /** Resolves when the broker answers and has joined the cluster. Keeps ports and data. */
  start(version?: string): Promise<void>
}

export interface NodeOptions {
  readonly ports: ClusterPorts
  readonly ground: ClusterGround
  readonly version: string
  /** Additional lines of server.properties; they win over the defaults. */
  readonly properties: Readonly<Record<string, string>>
  /** More arguments of StorageTool format. */
  readonly format: readonly string[]
}

const clusterId = 'cnh3ZWZ0LXRlc3RzLTAwMw'
const flags = ['-Xms64m', '-Xmx300m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
/** ms */
const patience = { start: 180_000, stop: 30_000 }

/** @param root parent of the node's folder */
export async function clusterNode(name: NodeName, root: string, options: NodeOptions): Promise<ClusterNode> {
  const folder = join(root, `node${numberOf(name)}`)
  const [data, config, hosts, log] = ['data', 'server.properties', 'hosts', 'log'].map((file) =>
    join(folder, file),
  ) as Four
  const { ground, ports } = options
  let version = options.version
  let running: BrokerProcess | null = null
  let paused = false
  await mkdir(data, { recursive: true })
  await writeFile(config, clusterProperties(name, { ports, ground, folder: data, more: options.properties }))
  await writeFile(hosts, hostsFile(name, ground))
  await format()

  /** A broker's folder needs three lines; a JVM to write them would take two seconds. */
  async function format(): Promise<void> {
    const tool = ['format', '-t', clusterId, '-c', config, ...options.format]
    if (name === 'controller') await runJava('kafka.tools.StorageTool', tool, { version })
    else await writeFile(join(data, 'meta.properties'), `version=1\ncluster.id=${clusterId}\nnode.id=${name}\n`)
  }

  async function kill(): Promise<void> {
    await running?.kill()
    paused = false
  }

  async function start(): Promise<void> {
    const args = await javaArguments('kafka.Kafka', [config], [...flags, `-Djdk.net.hosts.file=${hosts}`], version)
    const started = await brokerProcess(args, folder, log, ground.command(name))
    running = started
    if (name === 'controller') return
    const address = `${ground.own(name)}:${ports.direct[name]}`
    for (const deadline = Date.now() + patience.start; !(await isMember(address, name)); await pause(100)) {
      if (started.ended !== null) throw new Error(`it ended with ${started.ended}`)
      if (Date.now() > deadline) throw new Error(`it did not join the cluster within ${patience.start / 1000} s`)
    }
  }

  async function notStarted(cause: Error): Promise<Error> {
    if (cause instanceof UnavailableError) return cause
    const lastLines = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-20)
    return new Error(`node ${name} did not start: ${cause.message}\n${lastLines.join('\n')}`, { cause })
  }

  return {
    name,
    get state() {
      if (running === null || running.ended !== null) return 'down'
      return paused ? 'paused' : 'running'
    },
    get pid() {
      return running?.ended === null ? running.pid : null
    },
    get version() {
      return version
    },
    kill,
    async stop() {
      running?.signal('SIGTERM')
      await Promise.race([running?.gone, pause(patience.stop, undefined, { ref: false })])
      await kill()
    },
    pause() {
      running?.signal('SIGSTOP')
      paused = true
    },
    wake() {
      running?.signal('SIGCONT')
      paused = false
    },
    async start(other = version) {
      version = other
      await kill()
      await start().catch(async (error) => {
        await kill()
        throw await notStarted(error)
      })
    },
  }
}

type Four = [string, string, string, string]

/** A new broker answers before it appears in its own metadata. */
async function isMember(address: string, id: number): Promise<boolean> {
  const cluster = kafkaCluster({ brokers: [address], connectionTimeout: 2_000, requestTimeout: 5_000 })
  const connections = await cluster.connect('probe').catch(() => null)
  if (connections === null) return false
  try {
    return (await connections.metadata([])).brokers.some(({ node }) => node === id)
  } catch {
    return false
  } finally {
    await connections.close()
  }
}
