/** Every TypeScript block of the README and of docs/ compiles against the sources, and those marked `run` are run. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { type Block, blocksOf } from '../../tools/docs/blocks.ts'
import { workshop, writeConfig } from '../../tools/docs/workshop.ts'

const root = join(import.meta.dirname, '../..')
const pages = [
  'README.md',
  'packages/schema-registry/README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const isTypeScript = ({ language }: Block): boolean => language === 'ts' || language === 'typescript'
const blocks = pages.flatMap((page) => blocksOf(page, readFileSync(join(root, page), 'utf8'))).filter(isTypeScript)
const modules = workshop(blocks)
const placeOf = ({ page, line }: Block): string => `${page}:${line}`
afterAll(modules.remove)

/** What the compiler says, by block: the line is that of the page. */
async function complaints(): Promise<ReadonlyMap<string, readonly string[]>> {
  const config = writeConfig(modules, blocks.map(modules.file))
  const tsc = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', config, '--pretty', 'false'], {
    cwd: modules.folder,
    maxBuffer: 2 ** 26,
  })
  const { stdout } = await tsc.catch((failed: { stdout: string }) => failed)
  const lines = stdout.split('\n').filter((line) => line !== '')
  const byBlock = new Map<string, string[]>()
  let current: string[] = []
  for (const line of lines) {
    const [, path, at, rest] = /^(\S+)\((\d+),\d+\): (.*)$/.exec(line) ?? []
    if (path === undefined) current.push(line)
    else {
      const block = blocks.find((one) => modules.file(one) === join(modules.folder, path))
      const place = block === undefined ? path : placeOf(block)
      current = byBlock.get(place) ?? []
      byBlock.set(place, current)
      current.push(`${block?.page ?? path}:${at}: ${rest}`)
    }
  }
  return byBlock
}

describe('the TypeScript blocks of README and docs', async () => {
  const found = await complaints()

  it('compile', () => {
    const wrong = new Set(blocks.filter(({ isWrong }) => isWrong).map(placeOf))
    expect([...found].filter(([place]) => !wrong.has(place)).flatMap(([, lines]) => lines)).toEqual([])
  })

  it('do not compile where they are there to show that', () => {
    const wrong = blocks.filter(({ isWrong }) => isWrong).map(placeOf)
    expect(wrong.filter((place) => !found.has(place))).toEqual([])
  })

  it('are many', () => {
    expect(blocks.length).toBeGreaterThan(30)
  })

  it.each(blocks.filter(({ runs }) => runs).map((block) => ({ block, place: placeOf(block) })))(
    'run: $place',
    async ({ block }) => {
      await import(modules.file(block))
    },
  )
})
