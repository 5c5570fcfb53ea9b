/** Programs of consumers bundled by esbuild, and run. docs/bundling.md says the same in words. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { consumers, folderIn, type Ran, run, unavailable } from './consumer.ts'
import { embeddedPrinted, embeddedProgram, kafkaProgram, memoryPrinted, memoryProgram } from './programs.ts'

const banner = {
  js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)",
}
const formats = {
  'an ES module': { format: 'esm', ending: 'mjs' },
  CommonJS: { format: 'cjs', ending: 'cjs' },
} as const
type Format = (typeof formats)[keyof typeof formats]

/** Without warnings; resolves with the file. */
async function bundled(program: string, { format, ending }: Format, into: string, more: BuildOptions = {}) {
  const folder = await folderIn(consumers.full)
  await writeFile(join(folder, 'main.mjs'), program)
  const outfile = join(into, `bundle.${ending}`)
  const entryPoints = [join(folder, 'main.mjs')]
  const options = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    minify: true,
    logLevel: 'silent',
  } as const
  expect((await build({ entryPoints, outfile, ...options, ...more })).warnings).toEqual([])
  return outfile
}

/** Runs the bundle in a folder without any package. */
async function alone(program: string, format: Format, more: BuildOptions = {}): Promise<Ran> {
  const folder = await folderIn()
  return run(process.execPath, [await bundled(program, format, folder, more)], folder)
}

/** Runs the bundle where optional peers are installed. */
async function besidePackages(program: string, format: Format, shards: number): Promise<Ran> {
  const folder = await folderIn(consumers.full)
  return run(process.execPath, [await bundled(program, format, folder), String(shards)], folder)
}

describe.skipIf(unavailable)('a program bundled by esbuild', () => {
  it.each(Object.entries(formats))('to %s runs a job in memory, as one file', async (_, format) => {
    expect(await alone(memoryProgram, format)).toEqual({ code: 0, stdout: memoryPrinted, stderr: '' })
  })

  it.each(Object.entries(formats))('to %s runs a job on an embedded log, with lmdb beside it', async (_, format) => {
    expect(await besidePackages(embeddedProgram, format, 1)).toEqual({ code: 0, stdout: embeddedPrinted, stderr: '' })
  })

  it.each(Object.entries(formats))('to %s runs a job over two threads', async (_, format) => {
    expect(await besidePackages(embeddedProgram, format, 2)).toEqual({ code: 0, stdout: embeddedPrinted, stderr: '' })
  })

  it('that needs lmdb and has none beside it says so', async () => {
    const { code, stderr } = await alone(embeddedProgram, formats.CommonJS)
    expect(code).toBe(1)
    expect(stderr).toContain('LMDB_UNAVAILABLE: the embedded log needs the package lmdb, which is not installed')
  })

  it('to CommonJS loads what is Kafka, and warns that checksums are slow without their package', async () => {
    const { code, stdout, stderr } = await alone(kafkaProgram, formats.CommonJS)
    expect([code, stdout]).toEqual([0, memoryPrinted])
    expect(stderr).toContain('[RXWEFT_SLOW_CHECKSUM]')
  })

  it('to an ES module loads what is Kafka with a banner that makes `require`', async () => {
    const { code, stdout } = await alone(kafkaProgram, formats['an ES module'], { banner })
    expect([code, stdout]).toEqual([0, memoryPrinted])
  })

  it('to an ES module cannot load what is Kafka without that banner: kafkajs is CommonJS', async () => {
    const { code, stderr } = await alone(kafkaProgram, formats['an ES module'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/Dynamic require of "\w+" is not supported/)
  })

  it('computes checksums natively if their package is beside it', async () => {
    const folder = await folderIn(consumers.full)
    const file = await bundled(kafkaProgram, formats.CommonJS, folder)
    expect(await run(process.execPath, [file], folder)).toEqual({ code: 0, stdout: memoryPrinted, stderr: '' })
  })

  it('has the formats of the schema registry in it', async () => {
    const program = `
      import { schemaRegistry } from 'rxweft-schema-registry'
      const { avro, jsonSchema, protobuf } = schemaRegistry({ url: 'http://localhost:9' })
      avro({ schema: '"int"' })
      protobuf({ schema: 'syntax = "proto3"; message M { int32 a = 1; }' })
      jsonSchema({ schema: { $schema: 'http://json-schema.org/draft-06/schema#' } })
      console.log('made')`
    expect(await alone(program, formats.CommonJS)).toEqual({ code: 0, stdout: 'made\n', stderr: '' })
  })
})
