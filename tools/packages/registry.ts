/** npm, as consumers use it: whether its registry answers, and installing into a folder without running scripts. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Without a registry there are no consumers, which is nobody's fault. */
export async function registryAnswers(): Promise<boolean> {
  return run('npm', ['view', 'rxjs@7', 'version'], { timeout: 60_000 }).then(
    () => true,
    () => false,
  )
}

/**
 * Makes the folder a project with these packages.
 *
 * @param packages as `npm install` takes them: names with versions, or tarballs
 */
export async function install(folder: string, packages: readonly string[]): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent']
  await run('npm', ['install', ...flags, ...packages], { cwd: folder })
}

/** Packs the package of a folder as it would be published; resolves with the path of the tarball. */
export async function pack(folder: string, into: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', into], { cwd: folder })
  return join(into, stdout.trim().split('\n').at(-1) as string)
}
