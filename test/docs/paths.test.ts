/** Files, symbols and folders named in DESIGN.md, CONTRIBUTING.md and docs/ exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocksOf } from '../../tools/docs/blocks.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
const documents = ['DESIGN.md', 'CONTRIBUTING.md', ...pages.map((name) => `docs/${name}`)]

/** Files that the reader of docs/ is to write. */
const ofReaders: readonly string[] = ['main.ts', 'counting.ts', 'job.ts']

/** Files of the repository, as paths from its root. */
const files = ['src', 'test', 'tools', 'bench', 'examples', 'packages', 'docs', '.'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder !== '.', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    // The last are built.
    .filter((path) => !path.includes('node_modules/') && !path.startsWith('src/console/assets/')),
)

/** Paths that end in the given one; those in src before others. */
function found(path: string): readonly string[] {
  const all = files.filter((file) => file === path || file.endsWith(`/${path}`))
  const inSources = all.filter((file) => file === path || file.startsWith('src/'))
  return inSources.length > 0 ? inSources : all
}

/** The text of a page without its programs; blocks without a language, such as pictures and the file map, stay. */
function proseOf(page: string): string {
  const markdown = read(page)
  const programs = blocksOf(page, markdown).filter(({ language }) => language !== '')
  const dropped = new Set(programs.flatMap(({ line, code }) => code.split('\n').map((_, at) => line + at)))
  return markdown
    .split('\n')
    .filter((_, at) => !dropped.has(at + 1))
    .join('\n')
}

/** Names of TypeScript files, patterns such as `*.ts` and addresses aside. */
function namedIn(text: string): readonly string[] {
  const addressless = text.replace(/https?:\/\/\S+/g, '')
  return [...new Set([...addressless.matchAll(/(?<![\w*./-])[\w.-]+(?:\/[\w.-]+)*\.ts\b/g)].map(([name]) => name))]
}

function missingIn(page: string): readonly string[] {
  return namedIn(proseOf(page)).filter((name) => found(name).length === 0 && !ofReaders.includes(name))
}

describe('a page about the code', () => {
  it.each(documents)('names no TypeScript file that does not exist: %s', (page) => {
    expect(missingIn(page)).toEqual([])
  })

  it('is searched for names in prose, tables and pictures', () => {
    expect(namedIn('| `a/b.ts`, `c.test.ts` |\n  d.ts <- e.ts (*.ts, https://x.org/f.ts)')).toEqual([
      ...['a/b.ts', 'c.test.ts', 'd.ts', 'e.ts'],
    ])
  })
})

describe('DESIGN.md', () => {
  const design = read('DESIGN.md')
  const [prose = '', map = ''] = design.split('\n## File map\n')

  it('names files so that each name means one file', () => {
    expect(namedIn(prose).filter((name) => found(name).length > 1)).toEqual([])
  })

  it('names no symbol that its file does not contain', () => {
    const symbols = [...design.matchAll(/`([\w./-]+\.ts)`\s+\(`(\w+)`\)/g)]
    expect(symbols.length).toBeGreaterThan(30)
    const absent = symbols.filter(([, file = '', symbol = '']) => {
      return !found(file).some((path) => new RegExp(`\\b${symbol}\\b`).test(read(path)))
    })
    expect(absent.map(([text]) => text)).toEqual([])
  })

  it.each(['src', 'tools'])('maps every folder of %s, and no other', (top) => {
    const real = files.map((file) => file.split('/').slice(0, -1)).filter(([first]) => first === top)
    const folders = new Set(real.flatMap((parts) => parts.map((_, at) => parts.slice(0, at + 1).join('/'))))
    const mapped = foldersOf(map).filter((folder) => folder === top || folder.startsWith(`${top}/`))
    expect(mapped.sort()).toEqual([...folders].sort())
  })

  it('maps no folder that does not exist', () => {
    expect(foldersOf(map).filter((folder) => !existsSync(join(root, folder)))).toEqual([])
  })

  it('maps every file that lies directly in src', () => {
    const direct = files.filter((file) => /^src\/[\w.]+\.ts$/.test(file)).map((file) => file.slice('src/'.length))
    expect(direct.filter((file) => !namedIn(map).includes(file))).toEqual([])
  })
})

describe('lines of at most 100 columns, except in tables', () => {
  it.each(['DESIGN.md', 'CONTRIBUTING.md'])('are all that there are in %s', (page) => {
    const lines = read(page).split('\n')
    expect(lines.filter((line) => line.length > 100 && !line.startsWith('|'))).toEqual([])
  })
})

/** Folders of the map: two spaces a level, several in a line with one space between them. */
function foldersOf(map: string): readonly string[] {
  const above: string[] = []
  return map.split('\n').flatMap((line) => {
    const [, indent = '', names] = /^( *)([\w.-]+\/(?: [\w.-]+\/)*)(?=\s|$)/.exec(line) ?? []
    if (names === undefined) return []
    const depth = indent.length / 2
    return names.split(' ').map((name) => {
      above.splice(depth, above.length, name.slice(0, -1))
      return above.join('/')
    })
  })
}
