/**
 * A real schema registry: the one in SCHEMA_REGISTRY_URL, else Apicurio, in memory, as Confluent's API has it. Its files come through Maven once, into a
 * cache of the user's (110 MB).
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brokerProcess } from '../../../tools/broker/brokerProcess.ts'
import { freePort } from '../../../tools/broker/freePort.ts'

const version = '3.0.9'
const run = promisify(execFile)
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rxweft')
const home = join(cache, `apicurio-${version}`)

export interface RealRegistry {
  readonly url: string
  stop(): Promise<void>
}

/** A text says why there is none. */
export async function realRegistry(): Promise<RealRegistry | string> {
  const given = process.env.SCHEMA_REGISTRY_URL
  if (given) return { url: given, stop: async () => undefined }
  const missing = await unavailable()
  return missing ?? start()
}

async function unavailable(): Promise<string | null> {
  if (!(await succeeds(run('java', ['-version'])))) return 'no SCHEMA_REGISTRY_URL, and no java on the PATH'
  if (await succeeds(readdir(home))) return null
  if (!(await succeeds(run('mvn', ['--version']))))
    return 'no SCHEMA_REGISTRY_URL, and no mvn on the PATH to fetch one with'
  return (await succeeds(fetchOnce())) ? null : 'no SCHEMA_REGISTRY_URL, and Maven could not fetch one'
}

async function fetchOnce(): Promise<void> {
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'fetching-'))
  const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`
  await run('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`], {
    timeout: 300_000,
  })
  const archive = join(folder, `apicurio-registry-app-${version}-all.tar.gz`)
  await run('tar', ['-xzf', archive, '-C', folder])
  await rm(archive)
  await rename(folder, home)
}

async function start(): Promise<RealRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-registry-'))
  const port = await freePort()
  const jar = join(home, `apicurio-registry-app-${version}-runner.jar`)
  const log = join(folder, 'log')
  const java = await brokerProcess(['-Xmx400m', `-Dquarkus.http.port=${port}`, '-jar', jar], folder, log)
  const url = `http://localhost:${port}/apis/ccompat/v7`
  const deadline = Date.now() + 60_000
  while (!(await succeeds(isUp(url)))) {
    if (java.ended !== null || Date.now() > deadline) throw new Error(`the registry did not start, see ${log}`)
    await pause(200)
  }
  return {
    url,
    async stop() {
      await java.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function isUp(url: string): Promise<void> {
  const { ok } = await fetch(`${url}/subjects`)
  if (!ok) throw new Error('not yet')
}

function succeeds(happening: Promise<unknown>): Promise<boolean> {
  return happening.then(
    () => true,
    () => false,
  )
}
