/** The package as its users get it: built, and asked for by name, with import and with require, in plain Node. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const { exports, dependencies, peerDependencies, optionalDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)
const entries = Object.keys(exports).map((path) => path.replace('.', 'rxweft'))

function inNode(code: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, encoding: 'utf8' }).trim()
}

describe('the built package', () => {
  beforeAll(() => {
    execFileSync('npm', ['run', 'build', '--silent'], { cwd: root })
  }, 120_000)

  it.each(entries)('%s can be imported, and required, and is one and the same', (entry) => {
    const names = inNode(`
      import { createRequire } from 'node:module'
      const imported = await import('${entry}')
      const required = createRequire(import.meta.url)('${entry}')
      if (Object.keys(imported).some((name) => imported[name] !== required[name])) throw new Error('two copies')
      console.log(Object.keys(imported).length)`)
    expect(Number(names)).toBeGreaterThan(0)
  })

  it('has a declaration file for every entry', () => {
    for (const entry of Object.values(exports) as { types: string; default: string }[]) {
      expect(readFileSync(join(root, entry.types), 'utf8')).toContain('export')
      expect(entry.types.replace('.d.ts', '.js')).toBe(entry.default)
    }
  })

  it('names every package that it imports as a dependency', () => {
    const known = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })
    const compiled = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.js'),
    )
    const packages = compiled.flatMap((name) => {
      const imports = readFileSync(join(root, 'dist', name), 'utf8').matchAll(
        /(?:from|import) '((?:@[^/']+\/)?[^/'.][^/']*)/g,
      )
      return [...imports].flatMap(([, found = '']) => (found.startsWith('node:') ? [] : [found]))
    })
    expect(packages).toContain('rxjs')
    expect([...new Set(packages)].filter((name) => !known.includes(name))).toEqual([])
  })
})
