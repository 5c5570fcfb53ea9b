/**
 * A Kafka broker in a container. The port is published under its own number, since the broker calls itself at the advertised address to
 * verify transactions: one that cannot be reached from inside answers NOT_ENOUGH_REPLICAS to transactional writes.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers'
import { endGuard } from './endGuard.ts'
import { type DockerBroker, UnavailableError } from './foundBroker.ts'
import { freePort } from './freePort.ts'
import { kafkaVersion } from './kafkaJars.ts'
import { quickSettings } from './quickSettings.ts'
import { untilUp } from './untilUp.ts'

/** ms */
const limits = { engine: 3_000, pull: 120_000, start: 60_000 }

/** Rejects with UnavailableError where there is no Docker engine, or no image to be had. */
export async function startDockerBroker(say: (line: string) => void): Promise<DockerBroker> {
  const image = process.env.KAFKA_IMAGE ?? `apache/kafka:${kafkaVersion}`
  // testcontainers' own cleaner would be one more image to pull; see endGuard.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true'
  const engine = await findEngine()
  await ensureImage(engine, image, say)
  const broker = `${engine.info.containerRuntime.host}:${await freePort()}`
  const container = await startContainer(image, broker)
  const guard = endGuard('docker rm -f -v "$1"', [container.getId()])
  async function stop(): Promise<void> {
    await container.stop({ timeout: 0, removeVolumes: true })
    guard.dismiss()
  }
  await untilUp([broker], limits.start).catch(async (error) => {
    const said = await lastLines(container)
    await stop()
    throw new Error(`${image} does not start: ${error.message}\n${said}`)
  })
  return { kind: 'docker', describe: `Kafka, Docker image ${image}, ${broker}`, brokers: [broker], stop }
}

async function findEngine(): Promise<ContainerRuntimeClient> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  return within(limits.engine, getContainerRuntimeClient()).catch(() => {
    throw new UnavailableError('no engine answers')
  })
}

async function ensureImage(engine: ContainerRuntimeClient, image: string, say: (line: string) => void): Promise<void> {
  const { ImageName } = await import('testcontainers')
  const name = ImageName.fromString(image)
  if (await engine.image.exists(name)) return
  say(`pulling the Docker image ${image}, once`)
  await within(limits.pull, engine.image.pull(name)).catch((error: Error) => {
    throw new UnavailableError(`the image ${image} could not be pulled: ${error.message.split('\n')[0]}`)
  })
}

async function startContainer(image: string, broker: string): Promise<StartedTestContainer> {
  const { GenericContainer } = await import('testcontainers')
  const port = Number(broker.split(':').at(-1))
  return new GenericContainer(image)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment(environment(port, broker))
    .withStartupTimeout(limits.start)
    .start()
}

/** What server.properties would say: a.b.c is KAFKA_A_B_C in the official image and in those that follow it. */
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

async function lastLines(container: StartedTestContainer): Promise<string> {
  const log = await container.logs({ tail: 20 })
  const lines: string[] = []
  log.on('data', (line) => lines.push(String(line)))
  await within(2_000, new Promise((resolve) => log.once('end', resolve))).catch(() => log.destroy())
  return lines.join('')
}

function within<R>(limit: number, doing: Promise<R>): Promise<R> {
  const late = pause(limit, undefined, { ref: false }).then(() => {
    throw new Error(`not within ${limit / 1000} s`)
  })
  return Promise.race([doing, late])
}
