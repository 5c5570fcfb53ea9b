/**
 * A real S3 server for tests: PyPI's moto in server mode, a child of this process, on a port of its own. Installed once, into a
 * folder of the user's cache.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { endGuard } from '../broker/endGuard.ts'

const run = promisify(execFile)

const version = '5.2.5'
const installed = join(homedir(), '.cache', 'rxweft', `moto-${version}`)

export interface S3Server {
  /** Such as http://127.0.0.1:40123. */
  readonly endpoint: string
  readonly port: number
  close(): Promise<void>
}

/** Why there is none here; null where it can be started. */
export async function whyNoS3(): Promise<string | null> {
  return install().then(
    () => null,
    (thrown: Error) => `no S3 server: moto cannot be installed (${thrown.message.split('\n')[0]})`,
  )
}

async function install(): Promise<void> {
  if (existsSync(installed)) return
  await mkdir(dirname(installed), { recursive: true })
  // Made beside its place, and moved there as a whole: another process may do the same.
  const made = await mkdtemp(`${installed}-`)
  try {
    await run('python3', ['-m', 'venv', made])
    await run(join(made, 'bin', 'python'), ['-m', 'pip', 'install', '-q', `moto[server,s3]==${version}`])
    await rename(made, installed).catch((thrown) => {
      if (!existsSync(installed)) throw thrown
    })
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

export async function startS3Server(): Promise<S3Server> {
  await install()
  // Scripts of a moved environment name its old place; the module does not.
  const args = ['-u', '-c', 'import sys; from moto.server import main; main(sys.argv[1:])', '-p', '0']
  const server = spawn(join(installed, 'bin', 'python'), args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const guard = endGuard('kill -9 "$1"', [String(server.pid)])
  const ended = once(server, 'exit')
  const port = await new Promise<number>((resolve, reject) => {
    let said = ''
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]
        if (found !== undefined) resolve(Number(found))
      })
    }
    ended.then(() => reject(new Error(`moto ended: ${said}`)))
  })
  return {
    ...{ endpoint: `http://127.0.0.1:${port}`, port },
    async close() {
      server.kill('SIGKILL')
      await ended
      guard.dismiss()
    },
  }
}
