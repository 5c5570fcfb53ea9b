/** What an installation brings: packages and bytes on disk. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface Size {
  readonly packages: number
  readonly bytes: number
}

/** Size of everything under node_modules of a project. */
export async function installedSize(project: string): Promise<Size> {
  const entries = await readdir(join(project, 'node_modules'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return { packages: files.filter(isPackage).length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

/** False for package.json files within a package, which say what kind of module a folder has. */
function isPackage(file: string): boolean {
  return /node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file.replaceAll('\\', '/'))
}
