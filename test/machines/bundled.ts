/**
 * A program as one file of JavaScript, with its packages, as docs/bundling.md describes it: compiling TypeScript in each process and thread,
 * or looking for hundreds of files, would take most of its start.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '../..')
const source = (file: string): string => join(root, 'src', file)

export interface Bundled {
  readonly file: string
  close(): Promise<void>
}

/** @param main its file; it may import rxweft */
export async function bundled(main: string): Promise<Bundled> {
  // Here, so that packages are found.
  const folder = await mkdtemp(join(root, 'node_modules', '.rxweft-machines-'))
  const file = join(folder, 'program.mjs')
  await build({
    ...{ entryPoints: [main], outfile: file, bundle: true, platform: 'node', format: 'esm' },
    // kafkajs is CommonJS.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    alias: {
      'rxweft/kafka': source('kafka/index.ts'),
      'rxweft/lmdb': source('lmdb.ts'),
      rxweft: source('index.ts'),
    },
    logLevel: 'warning',
  })
  return { file, close: () => rm(folder, { recursive: true, force: true }) }
}
