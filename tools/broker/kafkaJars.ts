/** The jars of a Kafka broker and its tools: fetched once through Maven, then kept in a cache of the user's. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toError } from '../../src/errors.ts'
import { UnavailableError } from './foundBroker.ts'

/** The version of every broker that does not ask for another one. */
export const kafkaVersion = '4.1.1'

/**
 * The versions a rolling upgrade goes through: the last release with transaction protocol v1 by default, the usual one, and the
 * newest in Maven Central (`mvn org.codehaus.mojo:versions-maven-plugin:display-dependency-updates`, last asked in November 2026).
 */
export const kafkaVersions = ['3.9.2', kafkaVersion, '4.4.0'] as const

/** ms; about 60 MB. */
const patience = 300_000

const run = promisify(execFile)
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rxweft')
const pom = join(import.meta.dirname, 'kafka/pom.xml')

/**
 * The folder. Rejects with UnavailableError where there are none and none can be fetched.
 *
 * @param say gets a line when a fetch begins, and one more for each `interval` (ms) that it takes
 */
export async function kafkaJars(
  version = kafkaVersion,
  say: (line: string) => void = console.error,
  interval = 10_000,
): Promise<string> {
  const jars = join(cache, `kafka-${version}`)
  if (await isThere(jars)) return jars
  await run('mvn', ['--version']).catch(() => {
    throw new UnavailableError('no mvn on the PATH to fetch the broker with')
  })
  say(`fetching Kafka ${version} through Maven into ${jars}, once: about 60 MB, ${patience / 60_000} minutes at most`)
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'fetching-'))
  const started = performance.now()
  const telling = setInterval(() => {
    say(`Maven is still fetching, after ${Math.round((performance.now() - started) / 1_000)} s`)
  }, interval)
  try {
    await fetchInto(folder, version)
    // Complete under its name, or not there at all; where somebody else was faster, theirs is as good.
    await rename(folder, jars).catch((error) =>
      error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? null : Promise.reject(error),
    )
    return jars
  } finally {
    clearInterval(telling)
    await rm(folder, { recursive: true, force: true })
  }
}

async function fetchInto(folder: string, version: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', `-Dkafka.version=${version}`, `-DoutputDirectory=${folder}`]
  try {
    await run('mvn', ['-q', '-B', '-f', pom, ...goal], { timeout: patience })
  } catch (thrown) {
    const said = (thrown as { stdout?: string }).stdout?.trim().split('\n')[0] || toError(thrown).message
    throw new UnavailableError(`Maven could not fetch the broker: ${said}`)
  }
}

function isThere(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  )
}
