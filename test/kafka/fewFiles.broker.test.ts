import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'

const brokers = inject('brokers')
const root = join(import.meta.dirname, '../..')

describe.skipIf(brokers.length === 0 || process.platform === 'win32')('a process that may open 64 files', () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterAll(() => topics.close())

  it('runs a job over 30 partitions', { timeout: 60_000 }, async () => {
    const [from, into] = [await topics.create(30), await topics.create(30)]
    for (let partition = 0; partition < 30; partition++) await topics.append(from, [`${partition}`], partition)
    const program = join(import.meta.dirname, 'fewFiles.ts')
    const args = [brokers.join(), from, into, join(await temporaryFolder(), 'storage')]
    const command = `ulimit -n 64 && exec node --conditions=rxweft-source --import tsx ${program} ${args.join(' ')}`
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: root })
    expect(stdout.trim()).toBe('finished')
  })
})
