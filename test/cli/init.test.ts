/** `rxweft init`: the new project's own types and tests are right at once. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProgram } from '../../tools/support/program.ts'
import { program } from './program.ts'

const root = join(import.meta.dirname, '../..')
const place = mkdtempSync(join(tmpdir(), 'rxweft-init-'))
const folder = join(place, 'my-totals')

afterAll(() => rmSync(place, { recursive: true, force: true }))

describe('rxweft init', { timeout: 120_000 }, () => {
  let said = ''

  beforeAll(async () => {
    const run = startProgram(['init', folder], {}, program.file)
    expect(await run.ended, run.said).toBe(0)
    said = run.said
  })

  it('makes a project of this name with the packages that it needs, and says what to do next', () => {
    const { name, dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    expect(name).toBe('my-totals')
    expect(Object.keys(dependencies)).toEqual(['rxjs', 'rxweft'])
    for (const version of Object.values({ ...dependencies, ...devDependencies })) expect(version).toMatch(/\d/)
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toContain('checkpoints')
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toMatch(/^# my-totals\n/)
    expect(said).toContain('npm test')
  })

  it('passes its own tests', () => {
    // As npm would install them, but for rxweft itself: its sources.
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const config = [
      'export default {',
      `  resolve: { alias: [{ find: /^rxweft$/, replacement: '${root}/src/index.ts' },`,
      `    { find: 'rxweft/testing', replacement: '${root}/src/testing/index.ts' }] },`,
      '}',
    ]
    writeFileSync(join(folder, 'vitest.config.ts'), config.join('\n'))
    const tested = execFileSync('npx', ['vitest', 'run', '--root', folder], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, VITEST: '', NO_COLOR: '1' },
    })
    expect(tested).toMatch(/Tests\s+2 passed/)
  })

  it('touches nothing that is there, and refuses a name that npm would refuse', async () => {
    const again = program('init', folder)
    expect(await again.ended).toBe(1)
    expect(again.said).toContain('exists already')
    const wrong = program('init', join(place, 'Not A Name'))
    expect(await wrong.ended).toBe(2)
    expect(existsSync(join(place, 'Not A Name'))).toBe(false)
  })
})
