/** Java programs of java/: fetched and compiled once through Maven, then kept in a cache of the user's, under a hash of what they are made of. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** ms; about 150 MB the first time, then they are in Maven's own cache. */
const patience = 600_000

const run = promisify(execFile)
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rxweft')
const sources = join(import.meta.dirname, 'java')
const pom = join(sources, 'pom.xml')

/** There is no Java or no Maven here, or Maven cannot fetch what it needs: the benches cannot run. */
export class NoJvmError extends Error {
  override name = 'NoJvmError'
}

/** The class path. Rejects with NoJvmError. */
export async function buildJava(say: (line: string) => void): Promise<string> {
  const folder = join(cache, `bench-${await hash()}`)
  await mustRun('java', '-version')
  if (!(await isThere(folder))) {
    await mustRun('mvn', '--version')
    say(`compiling bench/jvm against Kafka Streams and Flink, through Maven, into ${folder}, once`)
    await buildAs(folder)
  }
  return `${join(folder, 'classes')}:${join(folder, 'jars', '*')}`
}

async function mustRun(command: string, flag: string): Promise<void> {
  await run(command, [flag]).catch(() => {
    throw new NoJvmError(`no ${command} on the PATH: the benches feed, verify and compare with programs in Java`)
  })
}

/** Complete under its name, or not there at all; where somebody else was faster, theirs is as good. */
async function buildAs(folder: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const building = await mkdtemp(join(cache, 'building-'))
  try {
    await maven(building)
    await rename(building, folder).catch((error) =>
      error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? null : Promise.reject(error),
    )
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}

/** Tries twice, since a mirror may refuse at first what it has to fetch itself. */
async function maven(folder: string): Promise<void> {
  const goals = ['compile', 'dependency:copy-dependencies', `-Dout=${folder}`]
  const build = () => run('mvn', ['-q', '-B', '-f', pom, ...goals], { timeout: patience })
  try {
    await build().catch(build)
  } catch (thrown) {
    const { stdout, message } = thrown as { stdout?: string; message: string }
    const said = `Maven could not build ${pom}: ${stdout?.trim() || message}`
    // Our own mistake: nothing that is missing here.
    throw said.includes('COMPILATION ERROR') ? new Error(said) : new NoJvmError(said)
  }
}

async function hash(): Promise<string> {
  const entries = await readdir(sources, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const all = createHash('sha256')
  for (const file of files.sort()) all.update(`${file.slice(sources.length)}\0`).update(await readFile(file))
  return all.digest('hex').slice(0, 16)
}

function isThere(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  )
}
