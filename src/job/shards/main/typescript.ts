/**
 * Programs in TypeScript under `tsx` or `node --import tsx`. tsx does nothing by itself in worker
 * threads (github.com/privatenumber/tsx/issues/354), so a line in front of the program loads it.
 */
import { fileURLToPath, pathToFileURL } from 'node:url'
import { requireFrom } from '../../../optionalPackage.ts'

/** Returns what a thread must run: the program, or a line that loads tsx first. */
export function startable(program: string | URL, execArgv = process.execArgv): string | URL {
  const file = program instanceof URL ? fileURLToPath(program) : program
  if (!/\.[cm]?tsx?$/.test(file) || !/\btsx\b/.test(execArgv.join(' '))) return program
  const { resolve } = requireFrom(file)
  const url = (path: string) => JSON.stringify(pathToFileURL(path).href)
  const lines = [
    // The ES module, which resolve does not find.
    `import { register as esm } from ${url(resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs'))}`,
    `import { register as cjs } from ${url(resolve('tsx/cjs/api'))}`,
    'esm()',
    'cjs()',
    // Without a file of its own, it only gets the arguments.
    `process.argv.splice(1, Infinity, ${[file, ...process.argv.slice(2)].map((one) => JSON.stringify(one)).join()})`,
    `await import(${url(file)})`,
  ]
  return new URL(`data:text/javascript,${encodeURIComponent(lines.join('\n'))}`)
}
