/** Size and links of the README. Its code is compiled and run in docs/blocks.test.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocksOf } from '../tools/docs/blocks.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const readme = read('README.md')
const programs = blocksOf('README.md', readme).filter(({ language }) => language === 'ts')

/** The headings in the order that a reader meets them. */
const order = [
  ...['Install', 'Nine lines', 'The idea', 'See it survive', 'What is guaranteed', 'Proof', 'Speed', 'Links', 'Limits'],
  'Development',
]

describe('the README', () => {
  it('has at most 9 KB', () => {
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(9 * 1024)
  })

  it('has lines of at most 100 columns, but for tables and links', () => {
    const prose = readme.split('\n').filter((line) => !line.startsWith('|') && !line.includes(']('))
    expect(prose.filter((line) => line.length > 100)).toEqual([])
  })

  it('goes from what it is to how it is built', () => {
    expect([...readme.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(order)
  })

  it('begins with the code of examples/quickstart.ts', () => {
    expect(programs[0]?.code).toBe(read('examples/quickstart.ts'))
  })

  it('needs nine lines for that, beside the imports', () => {
    const lines = (programs[0]?.code ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('import '))
    expect(lines.length).toBe(9)
  })

  it('shows a marble test that is run', () => {
    expect(programs.filter(({ runs }) => runs).map(({ code }) => code)).toEqual([
      "expect(run(map((line) => line.toUpperCase()), 'R-a-b-1-c-|').marbles).toBe('R-A-B-1-C-|')\n",
    ])
  })

  it('links to files that there are', () => {
    const linked = [...readme.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path)
    expect(linked.filter((path) => !path.startsWith('http') && !existsSync(join(root, path)))).toEqual([])
    expect(linked.length).toBeGreaterThan(20)
  })

  it('names no npm script that there is not', () => {
    const { scripts } = JSON.parse(read('package.json'))
    const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
    const texts = [readme, read('CONTRIBUTING.md'), ...pages.map((name) => read(`docs/${name}`))]
    const named = texts.flatMap((text) => [...text.matchAll(/npm run ([a-z-]+)/g)].map(([, name = '']) => name))
    expect(named.filter((name) => !(name in scripts))).toEqual([])
    expect(named.length).toBeGreaterThan(0)
  })

  it('keeps examples/uppercase.ts within 40 lines', () => {
    expect(read('examples/uppercase.ts').trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  })
})
