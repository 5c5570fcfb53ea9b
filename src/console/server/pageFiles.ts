/** The files of the page, as its build step has written them beside this module. */
import { readFileSync } from 'node:fs'
import { FatalError } from '../../errors.ts'

export interface PageFile {
  readonly type: string
  readonly content: Buffer
}

const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/app.css': ['app.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const

/**
 * By path.
 *
 * @throws CONSOLE_FILES_MISSING if a file cannot be read
 */
export function pageFiles(folder = new URL('../assets/', import.meta.url)): ReadonlyMap<string, PageFile> {
  try {
    const read = Object.entries(files).map(([path, [name, type]]) => {
      return [path, { type, content: readFileSync(new URL(name, folder)) }] as const
    })
    return new Map(read)
  } catch (cause) {
    throw new FatalError('CONSOLE_FILES_MISSING', 'the files of the page are not beside its module', {
      cause,
      hint: 'A bundler has left them behind: keep rxweft/console external. In a clone of the repository run `npm run page`',
    })
  }
}
