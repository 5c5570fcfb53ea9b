/**
 * A Kafka broker in a container. The port is published under its own number, since the broker calls
 * itself at the advertised address to verify transactions: one that cannot be reached from inside
 * answers NOT_ENOUGH_REPLICAS to transactional writes.
 */
import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import type { ContainerRuntimeClient } from 'testcontainers'
import { toError } from '../../src/errors.ts'
import { dockerEngine, ensureImage } from './dockerEngine.ts'
import { endGuard } from './endGuard.ts'
import type { DockerBroker } from './foundBroker.ts'
import { freePort } from './freePort.ts'
import { kafkaVersion } from './kafkaJars.ts'
import { quickSettings } from './quickSettings.ts'
import { untilUp } from './untilUp.ts'

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>

/** Limit of a start, ms */
const patience = 60_000

/** Rejects with UnavailableError if no Docker engine or no image is available. */
export async function startDockerBroker(say: (line: string) => void): Promise<DockerBroker> {
  const image = process.env.KAFKA_IMAGE ?? `apache/kafka:${kafkaVersion}`
  const engine = await dockerEngine()
  await ensureImage(engine, image, say)
  const broker = `${engine.info.containerRuntime.host}:${await freePort()}`
  const name = `rxweft-kafka-${randomUUID()}`
  const guard = endGuard('docker rm -f -v "$1"', [name])
  const container = engine.container.getById(name)
  async function stop(): Promise<void> {
    await container.remove({ force: true, v: true })
    guard.dismiss()
  }
  try {
    await startContainer(image, name, broker)
    await untilUp([broker], patience, () => checkRuns(container))
  } catch (thrown) {
    const said = await lastLines(engine, container)
    await stop().catch(() => undefined)
    throw new Error(`${image} did not start: ${toError(thrown).message}\n${said}`)
  }
  return { kind: 'docker', describe: `Kafka, Docker image ${image}, ${broker}`, brokers: [broker], stop }
}

async function startContainer(image: string, name: string, broker: string): Promise<void> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const port = Number(broker.split(':').at(-1))
  const container = new GenericContainer(image)
    .withName(name)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment(environment(port, broker))
    // Wait for nothing: `untilUp` asks the broker itself.
    .withWaitStrategy(Wait.forAll([]))
  await container.start()
}

/** server.properties as environment: a.b.c is KAFKA_A_B_C in the official image and its like. */
function environment(port: number, advertised: string): Record<string, string> {
  const properties = {
    ...quickSettings,
    listeners: `PLAINTEXT://:${port},CONTROLLER://:9093`,
    'advertised.listeners': `PLAINTEXT://${advertised}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'controller.quorum.voters': '1@localhost:9093',
  }
  const named = ([key, value]: [string, string]) => [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, value] as const
  return { ...Object.fromEntries(Object.entries(properties).map(named)), KAFKA_HEAP_OPTS: '-Xms256m -Xmx512m' }
}

async function checkRuns(container: Container): Promise<void> {
  const { State: state } = await container.inspect()
  if (!state.Running) throw new Error(`it ended with ${state.ExitCode}`)
}

/** Empty if the container was not created. */
async function lastLines(engine: ContainerRuntimeClient, container: Container): Promise<string> {
  return engine.container.logs(container, { tail: 20, follow: false }).then(text, () => '')
}
