/** Build step of the page: src/console/page becomes the files that its server sends. */
import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '../..')
const page = join(root, 'src/console/page')

/** Where the server looks if it runs from the sources. */
export const besideSources = join(root, 'src/console/assets')

/** Takes 50 ms. Several may build at once: each file is complete or not there. */
export async function buildPage(into = besideSources): Promise<void> {
  await mkdir(into, { recursive: true })
  const { outputFiles } = await build({
    entryPoints: { app: join(page, 'main.tsx') },
    outdir: into,
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome109', 'firefox115', 'safari16'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  })
  for (const { path, contents } of outputFiles) await replace(path, (temporary) => writeFile(temporary, contents))
  for (const name of ['index.html', 'icon.svg'])
    await replace(join(into, name), (temporary) => copyFile(join(page, name), temporary))
}

async function replace(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  await write(temporary)
  await rename(temporary, path)
}
