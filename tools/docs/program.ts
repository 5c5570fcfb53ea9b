/**
 * Makes a module of a block: its code, at the same lines as on the page, and the imports that a
 * fragment leaves out.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Block } from './blocks.ts'

const root = join(import.meta.dirname, '../..')

interface Export {
  readonly name: string
  readonly isType: boolean
}

type Modules = ReadonlyMap<string, readonly Export[]>

const entries = {
  rxweft: 'index',
  'rxweft/kafka': 'kafka/index',
  'rxweft/embedded': 'embedded/index',
  'rxweft/lmdb': 'lmdb',
  'rxweft/s3': 's3/index',
  'rxweft/opentelemetry': 'opentelemetry/index',
  'rxweft/prometheus': 'prometheus/index',
  'rxweft/console': 'console/index',
  'rxweft/testing': 'testing/index',
}

/** What a fragment may use without an import. */
export function knownModules(): Modules {
  const ours = Object.entries(entries).map(([name, file]) => {
    return [name, listed(readFileSync(join(root, 'src', `${file}.ts`), 'utf8'))] as const
  })
  return new Map([
    ...ours,
    [
      'rxjs',
      [
        { name: 'share', isType: false },
        { name: 'Observable', isType: true },
      ],
    ],
    ['vitest', [{ name: 'expect', isType: false }]],
    ['zod', [{ name: 'z', isType: false }]],
  ])
}

/** Of `export { a, type B } from` and `export type { C } from`. */
function listed(source: string): readonly Export[] {
  const lists = source.matchAll(/export (type )?\{([^}]*)\}/g)
  return [...lists].flatMap(([, allTypes, names = '']) =>
    [...names.matchAll(/(type )?(\w+)(?=\s*(?:,|$))/g)].map(([, isType, name = '']) => ({
      name,
      isType: (allTypes ?? isType) !== undefined,
    })),
  )
}

/** Of a prelude: `export const`, `export function`, `export interface`, `export type`. */
export function declared(source: string): readonly Export[] {
  return [...source.matchAll(/^export (declare const|declare function|const|function|interface|type) (\w+)/gm)].map(
    ([, kind, name = '']) => ({
      name,
      isType: kind === 'interface' || kind === 'type',
    }),
  )
}

/** @param preludes by name: what they export; the module that is made imports them as `./NAME.ts`. */
export function moduleOf(block: Block, known: Modules, preludes: Modules): string {
  // A program has to say where everything comes from: its reader copies it as it is.
  const isProgram = /from 'rxweft'/.test(block.code)
  const missing = isProgram ? [] : [...known].map(([name, exports]) => importOf(name, exports, block.code))
  const hidden = block.preludes.map((name) => importOf(`./${name}.ts`, exportsOf(preludes, name, block), block.code))
  const head = [...missing, ...hidden, 'export {}'].filter((line) => line !== '').join(';')
  return `${head};${'\n'.repeat(block.line - 1)}${block.code}`
}

function exportsOf(preludes: Modules, name: string, { page, line }: Block): readonly Export[] {
  const found = preludes.get(name)
  if (found === undefined) throw new Error(`${page}:${line}: there is no prelude "${name}" in test/docs/preludes`)
  return found
}

function importOf(module: string, exports: readonly Export[], code: string): string {
  const used = exports.filter(({ name }) => new RegExp(`(?<![.\\w'])${name}\\b`).test(code) && !declares(code, name))
  const names = used.map(({ name, isType }) => (isType ? `type ${name}` : name))
  return names.length === 0 ? '' : `import { ${names.join(', ')} } from '${module}'`
}

function declares(code: string, name: string): boolean {
  const declaration = new RegExp(`\\b(?:const|let|function|class|interface|type)\\s+(?:\\{[^}]*\\b)?${name}\\b`)
  const imported = new RegExp(`^import [^']*\\b${name}\\b[^']*from`, 'm')
  return declaration.test(code) || imported.test(code)
}
