/** The built package, loaded by name with import and with require, in plain Node. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const { bin, exports, dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries = Object.keys(exports).map((path) => path.replace('.', 'rxweft'))

function inNode(code: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, encoding: 'utf8' }).trim()
}

/** All packages that the compiled files of a folder import, without Node's own. */
function importedBy(folder: string): readonly string[] {
  const compiled = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  const packages = compiled.flatMap((name) => {
    const imports = readFileSync(join(folder, name), 'utf8').matchAll(/(?:from|import) '((?:@[^/']+\/)?[^/'.][^/']*)/g)
    return [...imports].flatMap(([, found = '']) => (found.startsWith('node:') ? [] : [found]))
  })
  return [...new Set(packages)]
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

  it('has the command rxweft, which says how it is used', () => {
    const file = join(root, bin.rxweft)
    expect(readFileSync(file, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    const said = execFileSync(process.execPath, [file, '--help'], { encoding: 'utf8' })
    expect(said).toMatch(/^Usage: rxweft /)
  })

  it('has a declaration file for every entry', () => {
    for (const entry of Object.values(exports) as { types: string; default: string }[]) {
      expect(readFileSync(join(root, entry.types), 'utf8')).toContain('export')
      expect(entry.types.replace('.d.ts', '.js')).toBe(entry.default)
    }
  })

  it('names every package that it imports as a dependency', () => {
    const known = Object.keys({ ...dependencies, ...peerDependencies })
    const packages = importedBy(join(root, 'dist'))
    expect(packages).toContain('rxjs')
    expect(packages.filter((name) => !known.includes(name))).toEqual([])
  })
  describe('with rxweft-schema-registry beside it', () => {
    const own = join(root, 'packages/schema-registry')
    const described = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'))
    const user = mkdtempSync(join(tmpdir(), 'rxweft-user-'))

    /** As npm would install it: rxweft is the user's, not a copy of its own. */
    beforeAll(() => {
      execFileSync('npx', ['tsc', '-p', join(own, 'tsconfig.build.json')], { cwd: root })
      const installed = join(user, 'node_modules', described.name)
      mkdirSync(installed, { recursive: true })
      for (const part of ['package.json', 'dist']) cpSync(join(own, part), join(installed, part), { recursive: true })
      symlinkSync(root, join(user, 'node_modules/rxweft'))
      for (const name of Object.keys(described.dependencies)) {
        const found = dirname(createRequire(join(own, 'package.json')).resolve(`${name}/package.json`))
        symlinkSync(found, join(user, 'node_modules', name))
      }
    }, 120_000)

    afterAll(() => rmSync(user, { recursive: true, force: true }))

    it('that one can be imported, too, and throws the errors of this one', () => {
      const code = `
        import { schemaRegistry } from 'rxweft-schema-registry'
        import { FatalError } from 'rxweft'
        const { avro, jsonSchema, protobuf } = schemaRegistry({ url: 'http://localhost:9' })
        avro({ schema: '"int"' })
        protobuf({ schema: 'syntax = "proto3"; message M { int32 a = 1; }' })
        for (const draft of ['http://json-schema.org/draft-06/schema#', 'https://json-schema.org/draft/2020-12/schema'])
          jsonSchema({ schema: { $schema: draft } })
        try { avro({ schema: '{' }) } catch (error) { console.log(error instanceof FatalError, error.code) }`
      const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
        cwd: user,
        encoding: 'utf8',
      })
      expect(printed.trim()).toBe('true BAD_SCHEMA')
    })

    it('names every package that it imports', () => {
      const known = Object.keys({ ...described.dependencies, ...described.peerDependencies })
      expect(importedBy(join(own, 'dist')).toSorted()).toEqual(known.toSorted())
      expect(readFileSync(join(own, 'dist/index.d.ts'), 'utf8')).toContain('schemaRegistry')
    })
  })
})

describe('the metadata', () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const rxweft = JSON.parse(read('package.json'))
  const registry = JSON.parse(read('packages/schema-registry/package.json'))

  it.each([rxweft, registry])('of $name is complete', ({ description, keywords, license, engines, files }) => {
    expect(description).toMatch(/^[A-Z].*\.$/)
    expect(keywords.length).toBeGreaterThan(4)
    expect([license, engines]).toEqual(['Apache-2.0', { node: '>=20.19' }])
    expect(files).toContain('dist')
  })

  it('names its gap, as long as there is no public address', () => {
    const known = [rxweft, registry].filter(({ repository, homepage, bugs }) => repository && homepage && bugs)
    expect(read('CONTRIBUTING.md').includes('no public address is known yet')).toBe(known.length < 2)
  })

  it('of both packages has one version', () => {
    expect(registry.version).toBe(rxweft.version)
    expect(registry.peerDependencies.rxweft).toBe(`^${rxweft.version}`)
  })

  it('comes with the license in both packages', () => {
    expect(read('packages/schema-registry/LICENSE')).toBe(read('LICENSE'))
  })
})
