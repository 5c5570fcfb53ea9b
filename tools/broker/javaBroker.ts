/**
 * A real Kafka broker without Docker: jars from Maven, a JVM as child process, data in a temporary
 * folder. A test that kills brokers starts its own.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { javaArguments, runJava } from '../support/javaTool.ts'
import { type BrokerProcess, brokerProcess } from './brokerProcess.ts'
import { type JavaBroker, UnavailableError } from './foundBroker.ts'
import { freePort } from './freePort.ts'
import { kafkaVersion } from './kafkaJars.ts'
import { type Listener, serverProperties } from './serverProperties.ts'
import { untilUp } from './untilUp.ts'

export interface JavaBrokerOptions {
  /** Listeners beside PLAINTEXT, by name; each gets a free port. */
  readonly listeners?: Readonly<Record<string, Pick<Listener, 'protocol' | 'advertised'>>>
  /** Additional lines of server.properties; they win over the defaults. */
  readonly properties?: Readonly<Record<string, string>>
  /**
   * More arguments of StorageTool format: ['--add-scram',
   * 'SCRAM-SHA-256=[name=alice,password=secret]'].
   */
  readonly format?: readonly string[]
  /** Limit of a start, ms. Default 60,000. */
  readonly startTimeout?: number
  /** Flags of the JVM; by default a small heap. */
  readonly flags?: readonly string[]
}

const small = ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC']
const clusterId = 'cnh3ZWZ0LXRlc3RzLTAwMQ'

/**
 * Rejects with UnavailableError without Java or jars; with the last lines of its log if it does not
 * start.
 */
export async function startJavaBroker(options: JavaBrokerOptions = {}): Promise<JavaBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-kafka-'))
  try {
    const listeners = await withPorts({ PLAINTEXT: { protocol: 'PLAINTEXT' }, ...options.listeners })
    const broker = javaBroker(folder, listeners, options)
    await format(folder, listeners, options)
    await broker.restart()
    return broker
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true })
    throw thrown
  }
}

function javaBroker(folder: string, listeners: Listeners, options: JavaBrokerOptions): JavaBroker {
  const { startTimeout = 60_000, flags = small } = options
  const { PLAINTEXT: own = '', ...others } = Object.fromEntries(
    Object.entries(listeners).map(([name, { port }]) => [name, `localhost:${port}`]),
  )
  let running: BrokerProcess | null = null

  async function start(): Promise<void> {
    const args = await javaArguments('kafka.Kafka', [configOf(folder)], flags)
    const started = await brokerProcess(args, folder, logOf(folder))
    running = started
    await untilUp([own], startTimeout, async () => {
      if (started.ended !== null) throw new Error(`it ended with ${started.ended}`)
    })
  }

  async function kill(): Promise<void> {
    await running?.kill()
    running = null
  }

  return {
    kind: 'java',
    describe: `Kafka ${kafkaVersion}, Java + Maven, ${own}`,
    brokers: [own],
    addresses: { PLAINTEXT: own, ...others },
    get pid() {
      return running?.pid ?? null
    },
    kill,
    async restart() {
      await kill()
      await start().catch(async (error) => {
        await kill()
        throw await notStarted(folder, error)
      })
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Listeners = Readonly<Record<string, Listener>>

async function withPorts(listeners: NonNullable<JavaBrokerOptions['listeners']>): Promise<Listeners> {
  const named = Object.entries(listeners).map(
    async ([name, one]) => [name, { ...one, port: await freePort() }] as const,
  )
  return Object.fromEntries(await Promise.all(named))
}

async function format(
  folder: string,
  listeners: Listeners,
  { properties = {}, format = [] }: JavaBrokerOptions,
): Promise<void> {
  const rest = { controllerPort: await freePort(), folder: join(folder, 'data'), more: properties }
  await writeFile(configOf(folder), serverProperties({ listeners, ...rest }))
  await runJava('kafka.tools.StorageTool', ['format', '-t', clusterId, '-c', configOf(folder), ...format])
}

async function notStarted(folder: string, cause: Error): Promise<Error> {
  if (cause instanceof UnavailableError) return cause
  const lastLines = (await readFile(logOf(folder), 'utf8').catch(() => '')).trim().split('\n').slice(-20)
  return new Error(`the broker did not start: ${cause.message}\n${lastLines.join('\n')}`, { cause })
}

function configOf(folder: string): string {
  return join(folder, 'server.properties')
}

function logOf(folder: string): string {
  return join(folder, 'log')
}
