/** Holds the public surface to what an editor shows: docs on every export, units, defaults, codes of errors. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { errorCodes } from '../src/errorCodes/errorCodes.ts'
import { type Declarations, emitDeclarations, writtenDeclarations } from './declarations/emitted.ts'
import { undocumented } from './declarations/undocumented.ts'

const ways = Object.values(packageJson.exports)
const entries = [...ways.map(({ types }) => types.replace('./dist', 'rxweft')), 'schema-registry/index.d.ts']

describe('the emitted declarations', () => {
  let emitted: Declarations
  beforeAll(() => {
    emitted = emitDeclarations(entries)
  })
  afterAll(() => emitted.close())

  it('are complete: they type-check alone', () => {
    expect(emitted.project.program.getSemanticDiagnostics().map(({ text }) => text)).toEqual([])
  })

  it.each(entries)('of %s explain every export and every member, with unit and default', (entry) => {
    expect(undocumented(emitted, entry)).toEqual([])
  })

  it('name rxjs itself, and nothing inside of it', () => {
    const texts = textsIn(join(emitted.folder, 'rxweft'))
    expect(texts.filter((text) => text.includes("from 'rxjs'")).length).toBeGreaterThan(5)
    expect(texts.filter((text) => /['"]rxjs\//.test(text))).toEqual([])
  })

  it('name an error code of the table after each @throws', () => {
    const thrown = (['rxweft', 'schema-registry'] as const).flatMap((part) => throwsIn(join(emitted.folder, part)))
    expect(thrown.length).toBeGreaterThan(100)
    expect(thrown.filter((line) => !startsWithCode(line))).toEqual([])
  })
})

/** The declarations of a folder. */
function textsIn(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'))
  return files.map((file) => readFileSync(join(folder, file), 'utf8'))
}

/** What follows each @throws in the declarations of a folder. */
function throwsIn(folder: string): readonly string[] {
  return textsIn(folder).flatMap((file) => [...file.matchAll(/@throws (.*)/g)].map(([, text = '']) => text))
}

function startsWithCode(text: string): boolean {
  const codes = text.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []
  return text.startsWith(codes[0] ?? ' ') && codes.every((code) => code in errorCodes)
}

/** Names that Node gives to every module, those of CommonJS included. */
const nodeGlobals = [
  ...Object.getOwnPropertyNames(globalThis),
  'require',
  'module',
  'exports',
  '__filename',
  '__dirname',
]

describe('the names of exported values', () => {
  it.each(ways.map((way) => way['rxweft-source']))('of %s are not those of Node globals', async (source) => {
    const names = Object.keys(await import(`../${source}`))
    expect(names).not.toEqual([])
    expect(names.filter((name) => nodeGlobals.includes(name))).toEqual([])
  })

  it('would be refused if they were process, global or Buffer', () => {
    expect(nodeGlobals).toEqual(expect.arrayContaining(['process', 'global', 'Buffer', 'Map', 'fetch']))
  })
})

/** What the check finds in a module with this text. */
function found(text: string): readonly string[] {
  const written = writtenDeclarations({ 'index.d.ts': text })
  try {
    return undocumented(written, 'index.d.ts')
  } finally {
    written.close()
  }
}

describe('the check of declarations', () => {
  it('wants a sentence on every exported value and type', () => {
    expect(found('export declare const a: number\nexport interface B {}\nexport type C = 1\n')).toEqual([
      'B: no sentence before the first tag',
      'C: no sentence before the first tag',
      'a: no sentence before the first tag',
    ])
  })

  it('does not take a tag for a sentence, nor a header of the file for docs of an export', () => {
    expect(found('/** @throws X if so */\nexport declare function f(): void\n')).toEqual([
      'f: no sentence before the first tag',
    ])
    expect(found('/** Header. */\nimport "node:fs"\nexport declare const a: number\n')).toHaveLength(1)
  })

  it('wants a sentence on every overload, since an editor shows them one by one', () => {
    const overloads = '/** Does. */\nexport declare function f(a: 1): void\nexport declare function f(a: 2): void\n'
    expect(found(overloads)).toEqual(['f: no sentence before the first tag'])
  })

  it('lets a value and a type of one name share a sentence', () => {
    expect(found('/** It. */\nexport declare const a: 1\nexport type a = 1\n')).toEqual([])
  })

  it('wants a capital and a full stop', () => {
    expect(found('/** does it. */\nexport declare const a: 1\n')).toEqual(['a: no capital at the start: does it.'])
    expect(found('/** Does it\n *\n * Well. */\nexport declare const a: 1\n')).toEqual([
      'a: no full stop after the first paragraph: Does it',
    ])
  })

  it('wants every member documented, those that tell one variant of a union from another excepted', () => {
    expect(found('/** A. */\nexport interface A {\nreadonly kind: "a"\nreadonly b: 1\n}\n')).toEqual([
      'A.b: no sentence before the first tag',
    ])
  })

  it('wants the members of each variant of a union documented', () => {
    const variants = '{\nkind: "a"\nb: 1\n} | {\nkind: "c"\nd: 1\n}'
    expect(found(`/** A. */\nexport type A = ${variants}\n`)).toEqual([
      'A.b: no sentence before the first tag',
      'A.d: no sentence before the first tag',
    ])
  })

  it('wants the default of an optional option and the unit of a number', () => {
    const members = [
      '/** Pause. */',
      'a?: number | undefined',
      '/** Pause, ms. */',
      'b: number',
      '/** Size. */',
      'c: number',
    ]
    expect(found(`/** A. */\nexport interface AOptions {\n${members.join('\n')}\n}\n`)).toEqual([
      'AOptions.a: no default',
      'AOptions.c: no unit',
    ])
  })

  it('looks into options that are written in place, and into options in options', () => {
    const options = '{\n/** A. Default: none. */\na?: {\n/** B. */\nb?: string\n}\n}'
    expect(found(`/** F. */\nexport declare function f(options?: ${options}): void\n`)).toEqual([
      'f(options).a.b: no default',
    ])
  })

  it('follows an export to its file', () => {
    const written = writtenDeclarations({
      'index.d.ts': "export { a as b } from './a.ts'\n",
      'a.d.ts': 'export declare const a: 1\n',
    })
    expect(undocumented(written, 'index.d.ts')).toEqual(['b: no sentence before the first tag'])
    written.close()
  })
})
