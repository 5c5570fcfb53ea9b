/** What the README shows is what is type-checked and run here. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { map } from 'rxweft'
import { run } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')
const blocks = [...read('README.md').matchAll(/```(?:ts|sh)\n(.*?)```/gs)].map(([, code = '']) => code)

describe('the README', () => {
  it('begins with the code of examples/quickstart.ts', () => {
    expect(blocks[0]).toBe(read('examples/quickstart.ts'))
  })

  it('shows a marble test that passes', () => {
    expect(
      run(
        map((line) => line.toUpperCase()),
        'R-a-b-1-c-|',
      ).marbles,
    ).toBe('R-A-B-1-C-|')
    expect(blocks).toContain(
      "expect(run(map((line) => line.toUpperCase()), 'R-a-b-1-c-|').marbles).toBe('R-A-B-1-C-|')\n",
    )
  })

  it('names no npm script that there is not', () => {
    const { scripts } = JSON.parse(read('package.json'))
    const named = [...read('README.md').matchAll(/npm run ([a-z]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
    expect(named.length).toBeGreaterThan(0)
  })

  it('keeps examples/uppercase.ts within 40 lines', () => {
    expect(read('examples/uppercase.ts').trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  })
})
