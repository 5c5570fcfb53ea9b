/**
 * Runs Java main classes out of the jars of Kafka: the broker, its tools, and small test programs
 * (a path to a .java file in place of the class).
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { UnavailableError } from '../broker/foundBroker.ts'
import { kafkaJars } from '../broker/kafkaJars.ts'

export interface JavaOptions {
  /** Limit before it is killed, ms. Default 60,000. */
  readonly timeout?: number
  /** Version of Kafka's jars. */
  readonly version?: string
}

const oldest = 17
let checked: Promise<void> | undefined
const logging = join(import.meta.dirname, '../broker/kafka/log4j2.xml')

/**
 * These JVMs live for seconds: an optimizing compiler and a parallel collector would cost more than
 * they gain.
 */
const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m']

/**
 * The command line after `java`, with the jars of one Kafka `version`. Rejects with
 * UnavailableError without Java or the jars.
 */
export async function javaArguments(
  main: string,
  args: readonly string[],
  flags: readonly string[] = shortLived,
  version?: string,
): Promise<readonly string[]> {
  checked ??= checkJava()
  await checked
  const jars = join(await kafkaJars(version), '*')
  return [...flags, `-Dlog4j2.configurationFile=${logging}`, '-cp', jars, main, ...args]
}

/** Resolves with its stdout; rejects with its stderr if the exit code is not 0. */
export async function runJava(
  main: string,
  args: readonly string[],
  { timeout = 60_000, version }: JavaOptions = {},
): Promise<string> {
  const child = spawn('java', await javaArguments(main, args, shortLived, version), {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (said.stderr += text))
  const [code, signal] = await once(child, 'close')
  if (code === 0) return said.stdout
  throw new Error(`java ${main} ended with ${signal ?? code}: ${(said.stderr || said.stdout).trim()}`)
}

export async function javaAvailable(): Promise<boolean> {
  return javaArguments('Main', []).then(
    () => true,
    (error) => (error instanceof UnavailableError ? false : Promise.reject(error)),
  )
}

async function checkJava(): Promise<void> {
  const { stderr } = await promisify(execFile)('java', ['-version']).catch(() => {
    throw new UnavailableError('no java on the PATH')
  })
  const version = /version "(\d+)/.exec(stderr)?.[1]
  if (Number(version) < oldest) throw new UnavailableError(`java is ${version}, and ${oldest} is needed`)
}
