/** The uppercase program as a user meets it on the command line, without a broker. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'rxweft'
import { embeddedLog } from 'rxweft/embedded'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startProgram } from '../../tools/support/program.ts'
import { deadAddress } from '../kafka/fakeBroker.ts'

const topics = ['--source', 'lines', '--sink', 'upper']

describe('npm run uppercase', { timeout: 30_000 }, () => {
  let folder: string
  let file: string
  let fitting: readonly string[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rxweft-program-'))
    file = join(folder, 'log')
    fitting = ['--embedded', file, ...topics, '--checkpoints', join(folder, 'checkpoints'), '--interval', '50']
    const log = embeddedLog(file)
    log.createTopic('lines', { partitions: 2 })
    log.createTopic('upper', { partitions: 2 })
    await log.append('lines', [{ partition: 1, value: Buffer.from('hello') }])
    await log.close()
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function upper(): Promise<readonly string[]> {
    const log = embeddedLog(file)
    try {
      return [0, 1].flatMap((partition) =>
        [...log.read('upper', partition)].map(({ value }) => text.decode(value as Buffer)),
      )
    } finally {
      await log.close()
    }
  }

  it('processes what is there and ends with exit code 0, with --until latest', async () => {
    const program = startProgram([...fitting, '--until', 'latest'])
    expect(await program.ended).toBe(0)
    expect(await upper()).toEqual(['HELLO'])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'takes a final checkpoint at %s and ends with exit code 0',
    async (signal) => {
      const program = startProgram(fitting)
      await program.untilSaid(/reading from the start/)
      program.signal(signal)
      expect(await program.ended).toBe(0)
      expect(program.said).toMatch(/stopped at checkpoint \d+/)
      expect(await upper()).toEqual(['HELLO'])
    },
  )

  it('leaves no process behind when npm itself gets the SIGTERM', async () => {
    const npm = spawn('npm', ['run', '--silent', 'uppercase', '--', ...fitting], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      // Only once: a second signal ends it at once.
      if (!said.includes('reading') && `${said}${text}`.includes('reading')) npm.kill('SIGTERM')
      said += text
    })
    expect(await once(npm, 'close')).toEqual([0, null])
    expect(said).toContain('stopped at checkpoint')
  })

  it.each([
    ['a flag that there is not', ['--bogus']],
    ['a flag that is missing', ['--embedded', 'FILE', '--source', 'lines']],
    ['a time that is none', [...topics, '--embedded', 'FILE', '--checkpoints', 'c', '--interval', 'soon']],
    ['an interval of nothing', [...topics, '--embedded', 'FILE', '--checkpoints', 'c', '--interval', '0']],
    ['a start that there is not', [...topics, '--embedded', 'FILE', '--checkpoints', 'c', '--start-from', 'tomorrow']],
    ['a broker that is no host:port', [...topics, '--brokers', 'kafka', '--checkpoints', 'c']],
    ['a name that is none', [...topics, '--brokers', 'kafka:9092', '--checkpoints', 'c', '--job', '../x']],
  ])('refuses %s in one line, with exit code 2', async (_, args) => {
    const program = startProgram(args.map((arg) => (arg === 'FILE' ? file : arg)))
    expect(await program.ended).toBe(2)
    expect(program.said.trim().split('\n')).toHaveLength(1)
  })

  it('says in one line that no broker answers, with exit code 2', async () => {
    const program = startProgram([...topics, '--brokers', await deadAddress(), '--checkpoints', 'c'])
    expect(await program.ended).toBe(2)
    expect(program.said).toMatch(/^BROKERS_UNREACHABLE: .*ECONNREFUSED.*\n$/)
  })

  it('says what the matter is with a topic that is missing, with exit code 2', async () => {
    const program = startProgram([...fitting, '--sink', 'nowhere'])
    expect(await program.ended).toBe(2)
    expect(program.said).toContain('TOPIC_MISSING')
    expect(program.said).toContain('nowhere')
  })
})
