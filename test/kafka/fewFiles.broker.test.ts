import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { bundled } from '../machines/bundled.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.length === 0 || process.platform === 'win32')('a process that may open 64 files', () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterAll(() => topics.close())

  it('runs a job over 30 partitions', { timeout: 60_000 }, async () => {
    const [from, into] = [await topics.create(30), await topics.create(30)]
    for (let partition = 0; partition < 30; partition++) await topics.append(from, [`${partition}`], partition)
    // Modules are loaded side by side: those of the sources alone may open more files.
    const program = await bundled(join(import.meta.dirname, 'fewFiles.ts'))
    onTestFinished(program.close)
    const args = [brokers.join(), from, into, join(await temporaryFolder(), 'storage')]
    const command = `ulimit -n 64 && exec node ${program.file} ${args.join(' ')}`
    const { stdout } = await promisify(execFile)('sh', ['-c', command])
    expect(stdout.trim()).toBe('finished')
  })
})
