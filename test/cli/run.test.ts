/** `rxweft run` as a program, over an embedded log. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { testProgram } from '../../tools/support/testProgram.ts'
import { program } from './program.ts'

const folders: string[] = []
const file = join(import.meta.dirname, 'jobs/letters.ts')
const everything = join(import.meta.dirname, 'jobs/everything.ts')

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** The job with a folder of its own. */
async function letters() {
  const folder = mkdtempSync(join(tmpdir(), 'rxweft-run-'))
  folders.push(folder)
  const { embeddedLog } = await import('../../src/embedded/embeddedLog.ts')
  const log = embeddedLog(join(folder, 'log'))
  log.createTopic('letters', { partitions: 2 })
  log.createTopic('counts', { partitions: 2 })
  await log.append('letters', [{ value: 'a' }, { value: 'b' }, { value: 'a' }])
  const run = (...args: readonly string[]) => testProgram(['run', file, ...args], { LETTERS: folder }, program.file)
  const counts = () =>
    [0, 1].flatMap((partition) => [...log.read('counts', partition)].map(({ value }) => Number(value)))
  return { run, counts, log }
}

describe('rxweft run', { timeout: 60_000 }, () => {
  it('runs the job of a module until SIGTERM, and the next run goes on', async () => {
    const { run, counts, log } = await letters()
    const first = run()
    await first.untilSaid(/restored checkpoint 0/)
    while (counts().length < 3) await new Promise((resolve) => setTimeout(resolve, 20))
    first.signal('SIGTERM')
    expect(await first.ended).toBe(0)
    expect(first.said).toMatch(/stopped checkpoint \d+\n$/)
    await log.append('letters', [{ value: 'a' }])
    const second = run('--json')
    await second.untilSaid(/"type":"restored"/)
    while (counts().length < 4) await new Promise((resolve) => setTimeout(resolve, 20))
    second.signal('SIGTERM')
    expect(await second.ended).toBe(0)
    expect(counts().sort()).toEqual([1, 1, 2, 3])
    const lines = second.said.trimEnd().split('\n')
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('time')
  })

  it('runs it over shards, each in a thread that runs the same command', async () => {
    const { run, counts } = await letters()
    const running = run('--shards', '2')
    while (counts().length < 3) await new Promise((resolve) => setTimeout(resolve, 20))
    running.signal('SIGINT')
    expect(await running.ended, running.said).toBe(0)
    expect(running.said).toContain('shard 1: restored')
  })

  it('says in one line why a job cannot run', async () => {
    const noStorage = program('run', everything)
    expect(await noStorage.ended).toBe(2)
    expect(noStorage.said).toContain('exports no options with a storage: pass --storage')
    const refused = program('run', everything, '--storage', join(tmpdir(), 'rxweft-none'), '--shards', '2')
    expect(await refused.ended).toBe(1)
    expect(refused.said).toMatch(/CANNOT_BE_SPREAD/)
    expect(refused.said).not.toContain('    at ')
  })
})
