/**
 * A new project is a copy of examples/starter, with a package.json. That has none of its own, since
 * `rxweft` there would then be another package than this one.
 */
import { access, cp, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { exitCodes, Refusal } from './tell.ts'

/** From src/cli as from dist/cli. */
const root = join(import.meta.dirname, '../..')

/** Packages of the project besides rxweft itself. */
const wanted = {
  dependencies: ['rxjs'],
  devDependencies: ['@types/node', 'tsx', 'typescript', 'vitest'],
}

export interface NewProject {
  readonly name: string
  readonly folder: string
  readonly files: readonly string[]
}

/** Rejects if there is anything at that place, or the name cannot be that of a package. */
export async function newProject(folder: string): Promise<NewProject> {
  const path = resolve(folder)
  const name = basename(path)
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) {
    const rule = 'lower-case letters, digits, dots, underscores and hyphens, the first a letter or digit'
    throw new Refusal(`"${name}" cannot be the name of a project: use ${rule}`, exitCodes.wrongArguments)
  }
  if (await exists(path)) throw new Refusal(`${path} exists already, and is left as it is`)
  await cp(join(root, 'examples/starter'), path, {
    recursive: true,
    filter: (from) => !/node_modules/.test(from.slice(root.length)),
  })
  // npm leaves a .gitignore out of packages.
  await rename(join(path, 'gitignore'), join(path, '.gitignore'))
  await renamed(path, name)
  const found = await readdir(path, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return { name, folder: path, files: files.map((file) => file.slice(path.length + 1)).sort() }
}

async function renamed(path: string, name: string): Promise<void> {
  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const versions = { ...own.devDependencies, ...own.peerDependencies }
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((one) => [one, versions[one]]))
  const described = {
    ...{ name, private: true, type: 'module', engines: own.engines },
    scripts: { start: 'node --import tsx src/main.ts', test: 'vitest run', types: 'tsc --noEmit' },
    dependencies: { ...pick(wanted.dependencies), rxweft: `^${own.version}` },
    devDependencies: pick(wanted.devDependencies),
  }
  await writeFile(join(path, 'package.json'), `${JSON.stringify(described, null, 2)}\n`)
  const readme = join(path, 'README.md')
  await writeFile(readme, (await readFile(readme, 'utf8')).replace(/^# starter/, `# ${name}`))
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
