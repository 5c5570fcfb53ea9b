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

  it('sets a source back once under a name, after a question, and says from where to where', async () => {
    const { run, counts } = await letters()
    const until = async (results: number, ...args: readonly string[]) => {
      const running = run(...args)
      await running.untilSaid(/restored checkpoint \d+/)
      while (counts().length < results) await new Promise((resolve) => setTimeout(resolve, 20))
      running.signal('SIGTERM')
      expect(await running.ended, running.said).toBe(0)
      return running.said
    }
    await until(3)
    const reset = ['--reset', 'embeddedSource:letters=earliest', '--reset-name', 'again']
    const unasked = run(...reset)
    expect(await unasked.ended).toBe(2)
    expect(unasked.said).toMatch(
      /begins at other positions: embeddedSource:letters from earliest\. .* Nobody can be asked here/,
    )
    expect(counts()).toHaveLength(3)
    expect(await until(6, ...reset, '--yes')).toMatch(/source embeddedSource:letters reset: letters\/\d \d -> 0/)
    // The same command again, as a supervisor would give it, resets nothing.
    expect(await until(6, ...reset, '--yes')).not.toContain('reset')
    expect(counts().sort()).toEqual([1, 1, 2, 2, 3, 4])
  })

  it('sets it back with shards too, and asks in no thread', async () => {
    const { run, counts } = await letters()
    const first = run('--shards', '2')
    while (counts().length < 3) await new Promise((resolve) => setTimeout(resolve, 20))
    first.signal('SIGTERM')
    expect(await first.ended, first.said).toBe(0)
    const second = run(
      '--shards',
      '2',
      '--reset',
      'embeddedSource:letters=letters/0:0,letters/1:0',
      '--reset-name',
      'all',
      '--yes',
    )
    while (counts().length < 6) await new Promise((resolve) => setTimeout(resolve, 20))
    second.signal('SIGTERM')
    expect(await second.ended, second.said).toBe(0)
    expect(counts().sort()).toEqual([1, 1, 2, 2, 3, 4])
  })

  it.each([
    [['--reset', 'letters=earliest'], '--reset-name is missing'],
    [['--reset-name', 'a'], '--reset is missing'],
    [['--reset', 'letters=yesterday', '--reset-name', 'a'], 'It must be SOURCE=earliest'],
    [['--reset', 'letters=2026-03-01', '--reset-name', 'a'], 'It must be SOURCE=earliest'],
    [['--reset', '=latest', '--reset-name', 'a'], 'It must be SOURCE=earliest'],
  ])('refuses %j before anything runs', async (given, what) => {
    const { run } = await letters()
    const refused = run(...given)
    expect(await refused.ended).toBe(2)
    expect(refused.said).toContain(what)
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

  it.each(['run', 'explain'])('says of a module that never finishes loading that it does not: %s', async (command) => {
    const never = program(command, join(import.meta.dirname, 'jobs/neverLoads.ts'))
    expect(await never.ended).toBe(2)
    expect(never.said).toContain('neverLoads.ts never finishes loading: it awaits a promise that nothing settles')
    expect(never.said).not.toContain('Warning')
  })
})
