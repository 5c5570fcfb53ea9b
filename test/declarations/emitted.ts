/** The declarations that users get: emitted into a temporary folder and opened by the compiler. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { API, type Project } from 'typescript/unstable/sync'
import packageJson from '../../package.json' with { type: 'json' }

export interface Declarations {
  /** Absolute path of the folder in which the declarations are. */
  readonly folder: string
  readonly project: Project
  close(): void
}

const root = join(import.meta.dirname, '../..')

/** Emits the declarations of rxweft and of its packages; `entries` are paths of .d.ts files. */
export function emitDeclarations(entries: readonly string[]): Declarations {
  const folder = temporaryFolder()
  emit(join(root, 'tsconfig.build.json'), join(folder, 'rxweft'))
  // The registry's package imports entries of rxweft: it gets the declarations just emitted.
  const config = join(folder, 'tsconfig.registry.json')
  const paths = Object.fromEntries(
    Object.entries(packageJson.exports).map(([way, { types }]) => {
      return [join('rxweft', way), [join(folder, types.replace('./dist', 'rxweft'))]]
    }),
  )
  const extended = join(root, 'packages/schema-registry/tsconfig.build.json')
  const sources = join(root, 'packages/schema-registry/src')
  const compilerOptions = { rootDir: sources, paths, typeRoots: [join(root, 'node_modules/@types')] }
  writeFileSync(config, JSON.stringify({ extends: extended, compilerOptions, include: [sources] }))
  emit(config, join(folder, 'schema-registry'))
  return openDeclarations(folder, entries, paths)
}

/** Opens declarations given as text, by path. */
export function writtenDeclarations(files: Readonly<Record<string, string>>): Declarations {
  const folder = temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return openDeclarations(folder, Object.keys(files), {})
}

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rxweft-declarations-')))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function emit(config: string, outDir: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [
    tsc,
    '-p',
    config,
    '--emitDeclarationOnly',
    '--declarationMap',
    'false',
    '--outDir',
    outDir,
  ])
}

function openDeclarations(folder: string, entries: readonly string[], paths: object): Declarations {
  const config = join(folder, 'tsconfig.json')
  const resolution = { target: 'ES2023', lib: ['ES2023', 'ES2024.String'], module: 'NodeNext', types: ['node'], paths }
  const compilerOptions = {
    ...resolution,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  }
  writeFileSync(config, JSON.stringify({ compilerOptions, files: entries }))
  const api = new API({ cwd: folder })
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
  if (project === undefined) throw new Error(`no project at ${config}`)
  return {
    folder,
    project,
    close() {
      api.close()
      rmSync(folder, { recursive: true })
    },
  }
}
