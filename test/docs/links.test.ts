/** Links between the pages of docs/: `npm run docs` refuses dead ones, too, but is not a part of every `npm test`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parts } from '../../docs/.vitepress/pages.ts'

const folder = join(import.meta.dirname, '../../docs')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'))

/** As VitePress makes them of headings. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[`*]/g, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')

const anchors = new Map(
  pages.map((name) => [name, [...prose(name).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => anchorOf(title))]),
)

/** Without blocks of code, in which a bracket is no link and a # no heading. */
function prose(name: string): string {
  return read(name)
    .replaceAll(/^( *)```.*?^\1```/gms, '')
    .replaceAll(/`[^`\n]*`/g, '')
}

function dead(name: string): readonly string[] {
  const links = [...prose(name).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to)
  return links.filter((to) => {
    if (/^https?:/.test(to)) return false
    const [path = '', anchor] = to.split('#')
    const target = path === '' ? name : path.replace(/^\.\//, '')
    if (!existsSync(join(folder, target))) return true
    return anchor !== undefined && anchors.get(target)?.includes(anchor) !== true
  })
}

/** Its text is that of the table of errors. */
const generated = ['errors.md']

describe('the pages of the site', () => {
  it.each(pages)('have no dead links: %s', (name) => {
    expect(dead(name)).toEqual([])
  })

  it('are all in the sidebar, and nothing else is', () => {
    const listed = parts.flatMap(({ pages }) => pages.map(([file]) => `${file}.md`))
    expect([...listed].sort()).toEqual(pages.filter((name) => name !== 'index.md').sort())
  })

  it('say in their head what they are about', () => {
    const without = pages.filter((name) => !/^---\n.*?^description: .+$.*?^---$/ms.test(read(name)))
    expect(without.filter((name) => !generated.includes(name))).toEqual([])
  })

  it('name no error code that there is not', () => {
    const known = new Set([...read('errors.md').matchAll(/[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+/g)].map(([code]) => code))
    const others = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'RXWEFT_SLOW_CHECKSUM', 'EXACTLY_ONCE']
    const named = pages.flatMap((name) => [...read(name).matchAll(/\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b/g)])
    expect(named.map(([code]) => code).filter((code) => !known.has(code) && !others.includes(code))).toEqual([])
    expect(named.length).toBeGreaterThan(20)
  })

  it('have lines of at most 100 columns, but for tables, links and code', () => {
    const long = pages
      .filter((name) => !generated.includes(name))
      .flatMap((name) =>
        read(name)
          .replace(/^---\n.*?\n---\n/s, '')
          .replaceAll(/^( *)```.*?^\1```/gms, '')
          .split('\n')
          .filter((line) => line.length > 100 && !line.startsWith('|') && !line.includes(']('))
          .map((line) => `${name}: ${line}`),
      )
    expect(long).toEqual([])
  })
})
