/** Checks that the tests named by the page of the fault model exist. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/fault-model.md'), 'utf8')
const kinds = ['Tolerated', 'Detected', 'Outside']

/** The lines of one table, without its head. */
function linesOf(kind: string): readonly string[] {
  const [, section = ''] = page.split(`\n## ${kind}\n`)
  const [table = ''] = section.split('\n## ')
  return table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| fault |'))
}

interface Named {
  readonly file: string
  readonly title: string
}

function named(line: string): readonly Named[] {
  return [...line.matchAll(/`(test\/[^`]+\.test\.ts)` "([^"]+)"/g)].map(([, file = '', title = '']) => ({
    file,
    title,
  }))
}

/** Of a test, or of the group that a table of tests is in. */
function hasTitle({ file, title }: Named): boolean {
  const path = join(root, file)
  if (!existsSync(path)) return false
  const source = readFileSync(path, 'utf8')
  return [`'${title}'`, `"${title}"`, `\`${title}\``].some((literal) => source.includes(literal))
}

describe('the page with the fault model', () => {
  const all = kinds.flatMap(linesOf)

  it.each(kinds)('has lines that are "%s"', (kind) => {
    expect(linesOf(kind).length).toBeGreaterThan(5)
  })

  it('names a test on every line', () => {
    expect(all.filter((line) => named(line).length === 0)).toEqual([])
  })

  it('names only files and titles that exist', () => {
    expect(all.flatMap(named).filter((one) => !hasTitle(one))).toEqual([])
  })

  it('would notice a title that does not exist', () => {
    expect(hasTitle({ file: 'test/faultModel.test.ts', title: 'nobody has ever written' + ' this' })).toBe(false)
  })
})
