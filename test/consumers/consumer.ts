/** Where a consumer's program is written and run. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject, onTestFinished } from 'vitest'

const provided = inject('consumers')

/** No registry answers: the tests are skipped. */
export const unavailable = provided === null

export const consumers = provided ?? { tarballs: [], bare: '', full: '', nodes: [] }

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export async function run(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  const ran = await promisify(execFile)(command, args, { cwd }).catch((error) => error)
  return { code: ran.code ?? 0, stdout: ran.stdout, stderr: ran.stderr }
}

/** A new folder, for as long as the test; within a project it finds the packages of that project. */
export async function folderIn(parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'rxweft-consumer-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Runs a program in a new folder of a project; `name` says by its ending what kind of module it is. */
export async function runIn(project: string, name: string, program: string, node = process.execPath): Promise<Ran> {
  const folder = await folderIn(project)
  await writeFile(join(folder, name), program)
  return run(node, [name, '1'], folder)
}
