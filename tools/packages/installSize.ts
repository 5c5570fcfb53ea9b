/**
 * `npm run size`: what an installation of rxweft from the packed tarball brings, without optional
 * peers and with lmdb.
 */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installedSize } from './installedSize.ts'
import { install, pack } from './registry.ts'

const root = join(import.meta.dirname, '../..')
const kinds = { 'rxweft and rxjs': ['rxjs@7'], 'the same with lmdb': ['rxjs@7', 'lmdb@3'] }

const folder = await mkdtemp(join(tmpdir(), 'rxweft-size-'))
try {
  const tarball = await pack(root, folder)
  console.log(`tarball: ${((await stat(tarball)).size / 1e6).toFixed(1)} MB`)
  for (const [kind, packages] of Object.entries(kinds)) {
    const project = join(folder, String(packages.length))
    await mkdir(project)
    await install(project, [tarball, ...packages])
    const size = await installedSize(project)
    console.log(`${kind}: ${size.packages} packages, ${(size.bytes / 1e6).toFixed(1)} MB installed`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
