/** Packs rxweft and rxweft-schema-registry once, and installs the tarballs as consumers do. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { install, pack, registryAnswers } from '../../tools/packages/registry.ts'
import { nodeBinary, nodeVersions } from './nodeBinary.ts'

export interface Consumers {
  readonly tarballs: readonly string[]
  /** A project with rxweft and RxJS, and nothing that is optional. */
  readonly bare: string
  /** A project with everything: rxweft-schema-registry, optional peers, TypeScript. */
  readonly full: string
  /** Versions of Node with the path of each binary. */
  readonly nodes: readonly (readonly [version: string, binary: string | null])[]
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** null: no registry answers. */
    consumers: Consumers | null
  }
}

const root = join(import.meta.dirname, '../..')
const optional = [
  ...['lmdb@3', 'snappy@7', 'lz4-napi@2', '@toondepauw/node-zstd@2', '@aws-sdk/client-s3@3'],
  ...['@opentelemetry/api@1', 'prom-client@15'],
]
const typescript = ['typescript@5.9', '@types/node@20']

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  if (!(await registryAnswers())) {
    console.error('no npm registry answers: consumers are not tested')
    provide('consumers', null)
    return async () => undefined
  }
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-consumers-'))
  const [bare, full] = [join(folder, 'bare'), join(folder, 'full')]
  for (const made of [bare, full]) await mkdir(made)
  const tarballs = [await pack(root, folder), await pack(join(root, 'packages/schema-registry'), folder)] as const
  await install(bare, [tarballs[0], 'rxjs@7'])
  await install(full, [...tarballs, 'rxjs@7', ...optional, ...typescript])
  const nodes: [string, string | null][] = []
  for (const version of nodeVersions) nodes.push([version, await nodeBinary(version)])
  provide('consumers', { tarballs, bare, full, nodes })
  return () => rm(folder, { recursive: true, force: true })
}
