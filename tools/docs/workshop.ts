/** A folder in which blocks are modules of a program that has installed rxweft: `import 'rxweft'` means the sources here. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Block } from './blocks.ts'
import { declared, knownModules, moduleOf } from './program.ts'

const root = join(import.meta.dirname, '../..')
const preludeFolder = join(root, 'test/docs/preludes')

export interface Workshop {
  readonly folder: string
  /** Where the module of a block is. */
  file(block: Block): string
  remove(): void
}

export function workshop(blocks: readonly Block[]): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'rxweft-docs-'))
  install(folder)
  const file = (block: Block): string => join(folder, 'pages', nameOf(block), 'block.ts')
  const sources = new Map(readdirSync(preludeFolder).map((name) => [name.replace(/\.ts$/, ''), read(name)]))
  const known = knownModules()
  const exported = new Map([...sources].map(([name, source]) => [name, declared(source)]))
  for (const block of blocks) {
    const home = join(file(block), '..')
    mkdirSync(home, { recursive: true })
    writeFileSync(file(block), moduleOf(block, known, exported))
    // Copies, so that no block sees what another one has done to them.
    for (const name of block.preludes) writeFileSync(join(home, `${name}.ts`), sources.get(name) ?? '')
  }
  return { folder, file, remove: () => rmSync(folder, { recursive: true }) }
}

/** For `tsc -p`: the compiler options of the repository. */
export function writeConfig({ folder }: Workshop, files: readonly string[]): string {
  const config = join(folder, 'tsconfig.json')
  const paths = {
    rxweft: [join(root, 'src/index.ts')],
    'rxweft/extend': [join(root, 'src/extend.ts')],
    'rxweft-schema-registry': [join(root, 'packages/schema-registry/src/index.ts')],
  }
  // Declarations that the sources rely on, and that no import leads to.
  const all = [...files, join(root, 'src/kafka/driver/kafkajs.d.ts')]
  const options = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')], paths }
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions: options, files: all, include: [] }),
  )
  return config
}

const nameOf = ({ page, line }: Block): string => `${page.replaceAll(/\W/g, '-')}-${line}`

function read(name: string): string {
  return readFileSync(join(preludeFolder, name), 'utf8')
}

function install(folder: string): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'blocks', private: true, type: 'module' }))
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  symlinkSync(root, join(modules, 'rxweft'))
  symlinkSync(join(root, 'packages/schema-registry'), join(modules, 'rxweft-schema-registry'))
}
