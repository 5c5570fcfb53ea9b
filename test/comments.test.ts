/** Checks that comments have at most 100 columns. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const width = 100

/** "line: text" of each comment line that is too wide. Links and directives may be wider. */
function tooWide(source: string): readonly string[] {
  return source.split('\n').flatMap((line, at) => {
    const isComment = /^\s*(?:\/\/|\/?\*)/.test(line)
    const isFree = /https?:\/\/|biome-ignore/.test(line)
    return isComment && !isFree && line.length > width ? [`${at + 1}: ${line.trim()}`] : []
  })
}

const sources = ['src', 'packages/schema-registry/src'].flatMap((folder) => {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file))
})

describe('comments', () => {
  it('have at most 100 columns', () => {
    expect(sources.length).toBeGreaterThan(300)
    expect(
      sources.flatMap((file) => tooWide(readFileSync(join(root, file), 'utf8')).map((line) => `${file}:${line}`)),
    ).toEqual([])
  })

  it('have the fences of code blocks on lines of their own', () => {
    const broken = sources.filter((file) => /^\s*\*.*(?:\S```|```\w* \S)/m.test(readFileSync(join(root, file), 'utf8')))
    expect(broken).toEqual([])
  })

  it('would be found if they were wider', () => {
    const words = 'word '.repeat(20)
    expect(tooWide(`/** ${words}*/\n// ${words}\n * ${words}\nconst a = '${words}'\n`)).toHaveLength(3)
    expect(tooWide(`// see https://example.org/${'a'.repeat(100)}\n`)).toEqual([])
  })
})
