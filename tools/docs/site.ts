/**
 * Builds the site in docs/.vitepress/dist: `npm run docs`. Dead links end it with an error.
 *
 *   npm run docs              installs what docs/ needs, generates the API reference, builds
 *   npm run docs -- --look    and looks at every page in Chromium: light, dark, on a phone
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../docs')

function step(command: string, ...args: readonly string[]): void {
  const started = performance.now()
  const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  console.log(`> ${command} ${args.join(' ')}: ${((performance.now() - started) / 1000).toFixed(0)} s`)
}

/** npm leaves a copy of the lock file behind, newer than the one that it has installed. */
function isInstalled(): boolean {
  const copy = join(folder, 'node_modules/.package-lock.json')
  return existsSync(copy) && statSync(copy).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs
}

if (!isInstalled()) step('npm', 'ci', '--no-audit', '--no-fund')
step('npm', 'run', '--silent', 'build')
if (process.argv.includes('--look')) {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if ('look' in scripts) step('npm', 'run', '--silent', 'look')
}
