/**
 * Loads packages by `require` when they are needed: optional peers, and packages with native code.
 *
 * Bundlers do not see this `require`, so they leave these packages in node_modules: a `.node` file
 * cannot be bundled. `createRequire` is not imported by name, because programs bundled to ESM often
 * start with a banner that declares it (docs/bundling.md).
 */
import { isAbsolute, join } from 'node:path'
import { FatalError, toError } from './errors.ts'

/**
 * Optional peers of package.json, their major versions there, and the code of the error if one is
 * missing.
 */
export const optionalPackages = {
  lmdb: { major: 3, code: 'LMDB_UNAVAILABLE' },
  snappy: { major: 7, code: 'COMPRESSION_UNAVAILABLE' },
  'lz4-napi': { major: 2, code: 'COMPRESSION_UNAVAILABLE' },
  '@toondepauw/node-zstd': { major: 2, code: 'COMPRESSION_UNAVAILABLE' },
} as const

/**
 * Throws Fatal LMDB_UNAVAILABLE or COMPRESSION_UNAVAILABLE if the package is not installed or does
 * not load.
 *
 * @param user what needs the package, for the message
 */
export function optionalPackage<M>(name: keyof typeof optionalPackages, user: string): M {
  try {
    return requirePackage<M>(name)
  } catch (thrown) {
    throw missingPackage(name, user, thrown)
  }
}

export function missingPackage(name: keyof typeof optionalPackages, user: string, thrown: unknown): FatalError {
  const cause = toError(thrown)
  const { major, code } = optionalPackages[name]
  const what = isMissing(cause, name) ? 'which is not installed' : `which cannot be loaded: ${firstLine(cause)}`
  return new FatalError(code, `${user} needs the package ${name}, ${what}`, {
    hint: `Run: npm install ${name}@${major}`,
    cause,
  })
}

/** Node's `createRequire`. */
export function requireFrom(place: string): NodeJS.Require {
  return process.getBuiltinModule('node:module').createRequire(place)
}

/** Throws what `require` throws. */
export function requirePackage<M>(name: string, places = searchedFrom()): M {
  const [place, ...others] = places
  try {
    return requireFrom(place as string)(name) as M
  } catch (thrown) {
    if (others.length === 0 || !isMissing(toError(thrown), name)) throw thrown
    return requirePackage(name, others)
  }
}

/**
 * This file; the main program; the working directory. This file alone is not enough in bundles:
 * esbuild's CommonJS output has no `import.meta.url`, webpack's is the path on the machine that
 * built it.
 */
function searchedFrom(): readonly string[] {
  const here: string | undefined = import.meta.url
  const file = typeof __filename === 'string' ? __filename : undefined
  const main = process.argv[1]
  return [here, file, main, join(process.cwd(), 'index.js')].filter(isPlace)
}

/**
 * `createRequire` refuses other paths: `process.argv[1]` is `-` when the program is read from
 * standard input.
 */
function isPlace(place: string | undefined): place is string {
  return place !== undefined && (place.startsWith('file:') || isAbsolute(place))
}

function isMissing(error: Error, name: string): boolean {
  return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' && error.message.includes(`'${name}'`)
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0] as string
}
