/** A cluster of three brokers, two replicas of everything: the first one is the controller too, the others can be killed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrokerProcess, brokerProcess } from '../../tools/broker/brokerProcess.ts'
import { freePort } from '../../tools/broker/freePort.ts'
import { serverProperties } from '../../tools/broker/serverProperties.ts'
import { untilUp } from '../../tools/broker/untilUp.ts'
import { javaArguments, runJava } from '../../tools/support/javaTool.ts'

export interface Nodes {
  /** host:port of node 1, 2 and 3. */
  readonly brokers: readonly string[]
  /** SIGKILL. */
  kill(node: number): Promise<void>
  /** Starts it again, and waits until it answers. */
  start(node: number): Promise<void>
  stop(): Promise<void>
}

const clusterId = 'cnh3ZWZ0LXRlc3RzLTAwMw'
const flags = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC']

export async function startThreeNodes(): Promise<Nodes> {
  const root = await mkdtemp(join(tmpdir(), 'rxweft-nodes-'))
  const controllerPort = await freePort()
  const ports = [await freePort(), await freePort(), await freePort()]
  const brokers = ports.map((port) => `localhost:${port}`)
  const processes = new Map<number, BrokerProcess>()
  const folder = (node: number): string => join(root, `node${node}`)
  const config = (node: number): string => join(root, `node${node}.properties`)

  async function format(node: number, port: number): Promise<void> {
    const single = { listeners: `PLAINTEXT://127.0.0.1:${port}`, 'process.roles': 'broker' }
    const more = { ...replicated, 'node.id': String(node), ...(node === 1 ? {} : single) }
    const listeners = { PLAINTEXT: { protocol: 'PLAINTEXT', port } } as const
    await writeFile(config(node), serverProperties({ listeners, controllerPort, folder: folder(node), more }))
    await runJava('kafka.tools.StorageTool', ['format', '-t', clusterId, '-c', config(node)])
  }

  async function start(node: number): Promise<void> {
    const args = await javaArguments('kafka.Kafka', [config(node)], flags)
    const started = await brokerProcess(args, folder(node), join(root, `node${node}.log`))
    processes.set(node, started)
    await untilUp([brokers[node - 1] as string], 60_000, async () => {
      if (started.ended !== null) throw new Error(`node ${node} ended with ${started.ended}`)
    })
  }

  async function stop(): Promise<void> {
    await Promise.all([...processes.values()].map((running) => running.kill()))
    await rm(root, { recursive: true, force: true })
  }

  try {
    await Promise.all(ports.map((port, at) => format(at + 1, port)))
    await Promise.all([1, 2, 3].map(start))
    return { brokers, start, stop, kill: async (node) => processes.get(node)?.kill() }
  } catch (error) {
    await stop()
    throw error
  }
}

const replicated = {
  'default.replication.factor': '2',
  'offsets.topic.replication.factor': '2',
  'transaction.state.log.replication.factor': '2',
}
