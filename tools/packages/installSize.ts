/**
 * `npm run size`: what installing rxweft brings, from the packed tarball: packages and bytes on disk, without optional
 * peers, and with lmdb.
 */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { install, pack } from './registry.ts'

const root = join(import.meta.dirname, '../..')
const kinds = { 'rxweft and rxjs': ['rxjs@7'], 'the same with lmdb': ['rxjs@7', 'lmdb@3'] }

interface Size {
  readonly packages: number
  readonly bytes: number
}

/** All that lies under node_modules. */
async function sizeOf(folder: string): Promise<Size> {
  const entries = await readdir(join(folder, 'node_modules'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return { packages: files.filter(isPackage).length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

/** Not the package.json files within a package, which say what kind of module is in a folder. */
function isPackage(file: string): boolean {
  return /node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file.replaceAll('\\', '/'))
}

const folder = await mkdtemp(join(tmpdir(), 'rxweft-size-'))
try {
  const tarball = await pack(root, folder)
  console.log(`tarball: ${((await stat(tarball)).size / 1e6).toFixed(1)} MB`)
  for (const [kind, packages] of Object.entries(kinds)) {
    const project = join(folder, String(packages.length))
    await mkdir(project)
    await install(project, [tarball, ...packages])
    const size = await sizeOf(project)
    console.log(`${kind}: ${size.packages} packages, ${(size.bytes / 1e6).toFixed(1)} MB installed`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
