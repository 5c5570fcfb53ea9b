/** What the compiler says of common mistakes: one line, that says what to do. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** The lines of the compiler, without the place. */
async function complaints(code: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rxweft-types-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const files = [join(folder, 'job.ts'), join(root, 'src/kafka/driver/kafkajs.d.ts')]
  writeFileSync(join(folder, 'job.ts'), code)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = {
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    paths: { rxweft: [join(root, 'src/index.ts')] },
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }),
  )
  const tsc = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '--pretty', 'false', '-p', folder])
  const { stdout } = await tsc.catch((failed: { stdout: string }) => failed)
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.replace(/^\S+: error /, '')]))
}

const job = (pipeline: string): string => `
  import { defineJob, map, memorySink, memorySource, to } from 'rxweft'
  const lines = memorySource<string>()
  export const job = defineJob('job', ({ from }) => ${pipeline})`

it('the compiler says in one line that a branch does not end in to(sink)', async () => {
  const length = 'from(lines).pipe(map((line) => line.length))'
  expect(await complaints(job(length))).toEqual([
    expect.stringMatching(
      /^TS2322: Type 'Observable<.*>' is not assignable to type '"every branch of a pipeline ends in to\(sink\)"'\.$/,
    ),
  ])
  expect(await complaints(job(`[${length}, from(lines).pipe(to(memorySink()))]`))).toEqual([
    expect.stringMatching(/ is not assignable to type '"every branch of a pipeline ends in to\(sink\)"'\.$/),
  ])
})

it('the compiler says nothing of a job whose branches do', async () => {
  expect(await complaints(job('from(lines).pipe(map((line) => line.length), to(memorySink<number>()))'))).toEqual([])
  expect(await complaints(job('[from(lines).pipe(to(memorySink<string>()))]'))).toEqual([])
})
