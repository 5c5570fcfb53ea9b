/**
 * A program in TypeScript under `tsx` or `node --import tsx`: in the main thread tsx sees to it, in
 * worker threads it does nothing by itself (github.com/privatenumber/tsx/issues/354), so a line in
 * front of the program asks for it.
 */
import { fileURLToPath, pathToFileURL } from 'node:url'
import { requireFrom } from '../../../optionalPackage.ts'

/** What a thread is to run instead of the program; the program itself where that is not needed. */
export function startable(program: string | URL, execArgv = process.execArgv): string | URL {
  const file = program instanceof URL ? fileURLToPath(program) : program
  if (!/\.[cm]?tsx?$/.test(file) || !/\btsx\b/.test(execArgv.join(' '))) return program
  const { resolve } = requireFrom(file)
  const url = (path: string) => JSON.stringify(pathToFileURL(path).href)
  const lines = [
    // As a module, which resolve does not look for.
    `import { register as esm } from ${url(resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs'))}`,
    `import { register as cjs } from ${url(resolve('tsx/cjs/api'))}`,
    'esm()',
    'cjs()',
    // Without a file of its own it has only the arguments.
    `process.argv.splice(1, Infinity, ${[file, ...process.argv.slice(2)].map((one) => JSON.stringify(one)).join()})`,
    `await import(${url(file)})`,
  ]
  return new URL(`data:text/javascript,${encodeURIComponent(lines.join('\n'))}`)
}
