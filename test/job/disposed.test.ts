/** `await using job = execute(...)`, and other resources that end with their block. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { type EmbeddedLog, embeddedLog } from '../../src/embedded/embeddedLog.ts'
import { execute } from '../../src/job/execute.ts'
import { noRestart } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { rejectionOf, thrownBy } from '../../tools/support/thrown.ts'
import { upper } from './running.ts'

const root = join(import.meta.dirname, '../..')

/** Its operator throws while the block around it ends. */
const failing = `
  import { defineJob, execute, map, memorySink, memorySource, memoryStorage, noRestart, to } from 'rxweft'
  const fail = () => { running[Symbol.asyncDispose](); throw new Error('no') }
  const job = defineJob('failing', ({ from }) =>
    from(memorySource({ partitions: [['a']] })).pipe(map(fail), to(memorySink())))
  const running = execute(job, { storage: memoryStorage(), restart: noRestart() })`

/** Runs a program in Node; resolves with its exit code and all that it printed. */
async function inNode(program: string): Promise<{ readonly code: number; readonly said: string }> {
  const args = ['--conditions=rxweft-source', '--import', 'tsx', '--input-type=module', '-e', program]
  const ran = await promisify(execFile)(process.execPath, args, { cwd: root }).catch((error) => error)
  return { code: ran.code ?? 0, said: `${ran.stdout}${ran.stderr}` }
}

describe('a job held by `await using`', () => {
  it('takes a final checkpoint at the end of the block, and has ended after it', async () => {
    const [from, into] = [memorySource<string>(), memorySink<string>()]
    const ends: string[] = []
    {
      const clock = virtualClock()
      await using job = execute(upper(from, into), { storage: memoryStorage(), clock })
      job.done.then(({ outcome }) => ends.push(outcome))
      from.push('a', 'b')
      await clock.advanceAsync(1)
    }
    expect(ends).toEqual(['stopped'])
    expect(into.committed).toEqual(['A', 'B'])
  })

  it('lets through what the block throws, after it has ended', async () => {
    const into = memorySink<string>()
    const thrown = new Error('mine')
    const block = async (): Promise<void> => {
      const from = memorySource<string>()
      const clock = virtualClock()
      await using _job = execute(upper(from, into), { storage: memoryStorage(), clock })
      from.push('a')
      await clock.advanceAsync(1)
      throw thrown
    }
    await expect(block()).rejects.toBe(thrown)
    expect(into.committed).toEqual(['A'])
  })

  it('that fails while the block waits for it throws its error once, and not a SuppressedError', async () => {
    const fail = (): never => {
      throw new Error('no')
    }
    const from = memorySource({ partitions: [['a']], timestamp: fail })
    const block = async (): Promise<void> => {
      await using job = execute(upper(from, memorySink()), { storage: memoryStorage(), restart: noRestart() })
      await job.done
    }
    expect((await rejectionOf(block())).consequence).toBe('fatal')
  })

  it('that fails while nobody waits for it ends the process, as without the block', async () => {
    const { code, said } = await inNode(failing)
    expect(code).toBe(1)
    expect(said).toContain('OPERATOR_FAILED')
  })
})

describe('an embedded log held by `await using`', () => {
  it('is closed at the end of the block', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxweft-disposed-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const logs: EmbeddedLog[] = []
    {
      await using log = embeddedLog(join(folder, 'log'))
      log.createTopic('lines', { partitions: 1 })
      logs.push(log)
    }
    expect(thrownBy(() => logs[0]?.topics()).code).toBe('LOG_CLOSED')
  })
})
