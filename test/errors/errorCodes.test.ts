/** Holds the table of error codes, the sources and docs/errors.md to one another. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type CodeOf, type ErrorCode, errorCodes } from '../../src/errorCodes/errorCodes.ts'
import type { Consequence, ErrorRow } from '../../src/errorCodes/row.ts'
import { FatalError, RetriableError } from '../../src/errors.ts'
import * as rxweft from '../../src/index.ts'
import { brokerErrors } from '../../src/kafka/nodes/brokerErrorTable.ts'
import { errorsPage } from '../../tools/errorsPage/errorsPage.ts'

const root = join(import.meta.dirname, '../..')
const table: Readonly<Record<string, ErrorRow>> = errorCodes

const sources = ['src', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/src`)]
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .filter((file) => !file.startsWith('src/errorCodes/') && !file.endsWith('brokerErrorTable.ts'))
  .map((file) => ({ file, source: withoutComments(readFileSync(join(root, file), 'utf8')) }))

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

interface Raised {
  readonly file: string
  readonly kind: string
  readonly code: string
}

/** Errors that are constructed with a literal code. */
function raisedIn({ file, source }: (typeof sources)[number]): readonly Raised[] {
  const found = source.matchAll(/new (?:open\.)?(Retriable|Fenced|Corrupted|Fatal)Error\(\s*(['"`])(.*?)\2/g)
  return [...found].map(([, kind = '', , code = '']) => ({ file, kind: kind.toLowerCase(), code }))
}

/** Codes that a source names other than to compare them. */
function namedIn(source: string): readonly string[] {
  const compared = source.replace(/[!=]== '[A-Z_]+'/g, '').replace(/new Set\(\[[^\]]*\]\)/g, '')
  return [...compared.matchAll(/'([A-Z][A-Z0-9_]+)'/g)].map(([, code = '']) => code)
}

describe('the table of error codes', () => {
  const raised = sources.flatMap(raisedIn)

  it('has every code that is raised, with the consequence it is raised with', () => {
    expect(raised.length).toBeGreaterThan(150)
    expect(raised.filter(({ kind, code }) => table[code]?.consequence !== kind)).toEqual([])
  })

  it('has no code that nothing raises', () => {
    const named = new Set(sources.flatMap(({ source }) => namedIn(source)))
    expect(Object.keys(table).filter((code) => !named.has(code))).toEqual([])
  })

  it("shares a name with Kafka's table only if both mean the same", () => {
    const kafka = new Map([...brokerErrors.values()].map((row) => [row.name, row.consequence]))
    const shared = Object.entries(table).filter(([code]) => kafka.has(code))
    expect(shared.map(([code, { consequence }]) => [code, consequence])).toEqual([
      ['OFFSET_OUT_OF_RANGE', kafka.get('OFFSET_OUT_OF_RANGE')],
    ])
  })

  it('says in whole sentences what each code means and what to do', () => {
    const texts = Object.values(table).flatMap(({ meaning, action }) => [meaning, action])
    expect(texts.filter((text) => !/^[A-Z`].*\.$/.test(text))).toEqual([])
  })

  it('is what docs/errors.md shows: `npm run errors-page` writes the page', () => {
    expect(readFileSync(join(root, 'docs/errors.md'), 'utf8')).toBe(errorsPage())
  })
})

describe('the type of codes', () => {
  it('lets the library raise a code of the table only, with its consequence only', () => {
    expectTypeOf<'BAD_OPTION'>().toExtend<CodeOf<'fatal'>>()
    expectTypeOf<'BAD_OPTION'>().not.toExtend<CodeOf<'retriable'>>()
    expectTypeOf<CodeOf<Consequence>>().toEqualTypeOf<ErrorCode>()
    // @ts-expect-error a misspelt code
    expect(new FatalError('BAD_OPTOIN', 'x').code).toBe('BAD_OPTOIN')
    // @ts-expect-error a code of another consequence
    expect(new RetriableError('BAD_OPTION', 'x').consequence).toBe('retriable')
  })

  it('lets users raise codes of their own with the same classes', () => {
    const mine = new rxweft.FatalError('MY_SINK_IS_FULL', 'the disk is full')
    expect(mine).toBeInstanceOf(FatalError)
    expectTypeOf(mine.code).toEqualTypeOf<rxweft.ErrorCode | (string & {})>()
    class Full extends rxweft.RetriableError {}
    expect(new Full('MY_SINK_IS_FULL', 'x')).toBeInstanceOf(rxweft.RxweftError)
  })
})
