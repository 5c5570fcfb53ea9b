/** TypeScript of consumers, by TypeScript 5.9 and the version here, without skipLibCheck. docs/bundling.md says the same in words. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { consumers, folderIn, type Ran, run, unavailable } from './consumer.ts'

const compilers: Readonly<Record<string, string>> = {
  'TypeScript 5.9': join(consumers.full, 'node_modules/typescript/bin/tsc'),
  'TypeScript 7': join(import.meta.dirname, '../../node_modules/typescript/bin/tsc'),
}

const program = `
import { defineJob, execute, keyBy, map, memorySink, memorySource, memoryStorage, scan, text, to } from 'rxweft'
import { embeddedLog, embeddedSource } from 'rxweft/embedded'
import { type StreamOperator } from 'rxweft/extend'
import { kafkaCluster, kafkaSink, kafkaSource } from 'rxweft/kafka'
import { lmdbState } from 'rxweft/lmdb'
import { schemaRegistry } from 'rxweft-schema-registry'
import { crashTest, testJob } from 'rxweft/testing'

const kafka = kafkaCluster({ brokers: ['localhost:9092'] })
const counts = memorySink<string>()
export const job = defineJob('count', ({ from }) => [
  from(kafkaSource(kafka, { topic: 'lines', value: text })).pipe(
    keyBy((line) => line),
    scan((count) => count + 1, 0, { id: 'count' }),
    map((count, { key }) => key + ': ' + count.toFixed()),
    to(counts),
  ),
  from(memorySource<string>()).pipe(to(kafkaSink(kafka, { topic: 'out', value: text }))),
  from(embeddedSource(embeddedLog('log'), { topic: 'in', value: text })).pipe(to(memorySink())),
])
export async function main(): Promise<string> {
  await using running = execute(job, { storage: memoryStorage(), state: lmdbState('state') })
  const { outcome } = await running.done
  return outcome
}
export const others: readonly unknown[] = [crashTest, testJob, schemaRegistry]
export type Operator = StreamOperator<string, string>
`

/** Compiles the program as a file of this name; its ending and these options make it an ES module or CommonJS. */
async function compiled(compiler: string, name: string, options: Record<string, unknown>): Promise<Ran> {
  const folder = await folderIn(consumers.full)
  await writeFile(join(folder, name), program)
  const given = { strict: true, target: 'ES2022', lib: ['ES2022'], types: ['node'], noEmit: true, ...options }
  const config = { compilerOptions: { ...given, skipLibCheck: false }, files: [name] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  return run(process.execPath, [compilers[compiler] as string, '-p', folder], folder)
}

const passing: readonly (readonly [title: string, name: string, options: Record<string, unknown>])[] = [
  ['an ES module, module nodenext', 'main.mts', { module: 'nodenext' }],
  ['an ES module, module node16', 'main.mts', { module: 'node16' }],
  ['an ES module, moduleResolution bundler', 'main.ts', { module: 'esnext', moduleResolution: 'bundler' }],
  ['CommonJS, module nodenext', 'main.cts', { module: 'nodenext' }],
  ['CommonJS, moduleResolution bundler', 'main.cts', { module: 'preserve', moduleResolution: 'bundler' }],
  ['CommonJS, module node20', 'main.cts', { module: 'node20' }],
]

/** These stand for versions of Node that cannot require ES modules. */
const refusing = ['node16', 'node18']

/** TypeScript 5.9 takes ten times as long as 7, so it gets one of each kind. */
const less = (compiler: string) => compiler === 'TypeScript 5.9'

describe.skipIf(unavailable).each(Object.keys(compilers))('types, by %s', (compiler) => {
  it.each(less(compiler) ? passing.filter((_, at) => at % 5 === 0) : passing)(
    'compile: %s',
    async (_, name, options) => {
      expect(await compiled(compiler, name, options)).toEqual({ code: 0, stdout: '', stderr: '' })
    },
  )

  it.each(less(compiler) ? refusing.slice(1) : refusing)('are refused to CommonJS with module %s', async (module) => {
    const { code, stdout } = await compiled(compiler, 'main.cts', { module })
    expect(code).not.toBe(0)
    expect(new Set(stdout.match(/TS\d+/g))).toEqual(new Set(['TS1479']))
  })
})
