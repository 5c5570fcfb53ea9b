/** A copy of the sources with a mutant's change in it, in a temporary folder, ready to be loaded. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownSources } from '../core/rxweft.ts'
import type { Mutant, Patch } from './mutants.ts'

export interface PatchedSources {
  readonly folder: string
  remove(): void
}

export function patchedSources({ patches }: Pick<Mutant, 'patches'>): PatchedSources {
  const root = mkdtempSync(join(tmpdir(), 'rxweft-mutant-'))
  const folder = join(root, 'src')
  cpSync(ownSources, folder, { recursive: true })
  symlinkSync(join(ownSources, '../node_modules'), join(root, 'node_modules'))
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  for (const patch of patches) apply(folder, patch)
  return { folder, remove: () => rmSync(root, { recursive: true }) }
}

function apply(folder: string, { file, find, replace }: Patch): void {
  const path = join(folder, file)
  const parts = readFileSync(path, 'utf8').split(find)
  if (parts.length !== 2)
    throw new Error(`${file} has ${parts.length - 1} times what the mutant wants to change:\n${find}`)
  writeFileSync(path, parts.join(replace))
}
