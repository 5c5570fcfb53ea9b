/**
 * A setup file of vitest that notes which lines of src a test file runs. V8 counts blocks of what vitest made of a source; its source
 * map, which vitest puts at the end of it, leads back to lines.
 */
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { SourceMap, type SourceMapping } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect } from 'vitest'
import { type Covered, coverageFile, type Span } from './coverageMap.ts'

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

interface Script {
  readonly scriptId: string
  readonly url: string
  readonly functions: readonly { readonly ranges: readonly Range[] }[]
}

const root = join(import.meta.dirname, '../..')
const folder = process.env.RXWEFT_COVERAGE ?? ''
const session = new Session()
session.connect()

/** Commands about the own thread are answered at once. */
function ask<Answer>(method: string, parameters: object = {}): Answer {
  let answer: unknown
  session.post(method, parameters, (error, result) => {
    if (error !== null) throw error
    answer = result
  })
  return answer as Answer
}

ask('Profiler.enable')
ask('Debugger.enable')
ask('Profiler.startPreciseCoverage', { callCount: false, detailed: true })
const started = performance.now()

/** The first and last column that ran of each line, from 0, of the source. */
function spansOf({ scriptId, functions }: Script): readonly Span[] {
  const { scriptSource } = ask<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId })
  const found = /\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([\w+/=]+)/.exec(scriptSource)
  if (found?.[1] === undefined) return []
  const map = new SourceMap(JSON.parse(Buffer.from(found[1], 'base64').toString()))
  const ran = ranBytes(scriptSource.length, functions)
  const spans = new Map<number, Span>()
  let offset = 0
  for (const [line, text] of scriptSource.slice(0, found.index).split('\n').entries()) {
    for (const { index } of text.matchAll(/\w+/g)) {
      const entry = ran[offset + index] === 1 ? map.findEntry(line, index) : {}
      if (!isMapped(entry)) continue
      const { originalLine, originalColumn } = entry
      const [, first, last] = spans.get(originalLine) ?? [0, originalColumn, originalColumn]
      spans.set(originalLine, [originalLine, Math.min(first, originalColumn), Math.max(last, originalColumn)])
    }
    offset += text.length + 1
  }
  return [...spans.values()]
}

function isMapped(entry: object): entry is SourceMapping {
  return 'originalLine' in entry
}

/** 1 for what ran. V8 counts an outer range for all that is within it, unless an inner range says otherwise. */
function ranBytes(length: number, functions: Script['functions']): Uint8Array {
  const ran = new Uint8Array(length)
  const ranges = functions
    .flatMap((one) => one.ranges)
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)
  for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  return ran
}

afterAll(() => {
  const { result } = ask<{ result: readonly Script[] }>('Profiler.takePreciseCoverage')
  const ms = performance.now() - started
  const spans: Record<string, readonly Span[]> = {}
  for (const script of result) {
    const path = script.url.startsWith('file:') ? fileURLToPath(script.url.replace(/\?.*$/, '')) : script.url
    const file = relative(root, path)
    if (file.startsWith('src/')) spans[file] = spansOf(script)
  }
  const test = relative(root, expect.getState().testPath ?? '')
  writeFileSync(join(folder, coverageFile(test)), JSON.stringify({ test, ms, spans } satisfies Covered))
})
