/** Commands that read savepoints, as programs: what they have, whether a new version fits, what it would do otherwise. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { embeddedLog } from '../../src/embedded/embeddedLog.ts'
import { execute } from '../../src/job/execute.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { program } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'rxweft-savepoints-'))
const file = join(import.meta.dirname, 'jobs/letters.ts')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('commands for savepoints', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    process.env.LETTERS = folder
    const log = embeddedLog(join(folder, 'log'))
    log.createTopic('letters', { partitions: 2 })
    log.createTopic('counts', { partitions: 2 })
    const { job, options } = await import('./jobs/letters.ts')
    const written = () => [0, 1].flatMap((partition) => [...log.read('counts', partition)]).length
    for (const [name, letters] of [
      ['one', 'aba'],
      ['two', 'ac'],
    ] as const) {
      const before = written()
      await log.append(
        'letters',
        [...letters].map((value) => ({ key: value, value })),
      )
      const running = execute(job, { ...options, checkpointing: { interval: 20 } })
      while (written() < before + letters.length) await new Promise((resolve) => setTimeout(resolve, 5))
      await running.stop({ savepoint: name })
    }
    await log.close()
  })

  async function said(code: number, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const run = testProgram([...args], { LETTERS: folder, ...env }, program.file)
    expect(await run.ended, run.said).toBe(code)
    return run.said
  }

  it('list them, show what is in them, and verify that it is whole', async () => {
    expect(await said(0, ['checkpoints', 'list', file])).toMatch(/^one .*\ntwo /m)
    const shown = JSON.parse(await said(0, ['checkpoints', 'show', file, 'two', '--json']))
    expect(shown.shards[0].state).toEqual([{ operator: 'counts', keys: 3 }])
    expect(
      shown.shards[0].positions.map(({ offset }: { offset: number }) => offset).reduce((a: number, b: number) => a + b),
    ).toBe(5)
    expect(await said(0, ['checkpoints', 'verify', file])).toBe('one: whole\ntwo: whole\n')
    expect(await said(1, ['checkpoints', 'show', file, 'never'])).toContain('has no savepoint "never"')
  })

  it('keep the newest checkpoint beside the job, and remove it after a question', async () => {
    expect(await said(0, ['savepoint', file, 'kept'])).toMatch(/^kept kept: checkpoint \d+ of lineage /)
    expect(await said(1, ['savepoint', file, 'kept'])).toContain('SAVEPOINT_EXISTS')
    expect(await said(0, ['checkpoints', 'diff', file, 'two', 'kept'])).toBe('equal\n')
    expect(await said(2, ['savepoint', file, 'kept', '--remove'])).toContain('pass --yes')
    expect(await said(0, ['savepoint', file, 'kept', '--remove', '--yes'])).toBe('removed kept\n')
    expect(await said(0, ['checkpoints', 'list', file])).not.toContain('kept')
    expect(await said(1, ['savepoint', file, 'kept', '--remove', '--yes'])).toContain('has no savepoint "kept"')
    const elsewhere = join(folder, 'elsewhere')
    expect(await said(1, ['savepoint', file, 'kept', '--storage', elsewhere])).toContain('does not know the lineage')
    expect(existsSync(elsewhere)).toBe(false)
  })

  it('print the keys that differ, and the state of all keys or of one', async () => {
    expect(JSON.parse(await said(1, ['checkpoints', 'diff', file, 'one', 'two', '--json']))).toEqual([
      { operator: 'counts', state: 'state', key: 'a', how: 'changed' },
      { operator: 'counts', state: 'state', key: 'c', how: 'added' },
    ])
    expect(await said(0, ['checkpoints', 'diff', file, 'one', 'one'])).toBe('equal\n')
    const lines = (await said(0, ['state', 'dump', file, '--savepoint', 'two'])).trimEnd().split('\n')
    expect(
      lines
        .map((line) => JSON.parse(line))
        .map(({ key, value }) => [key, value])
        .sort(),
    ).toEqual([
      ...[
        ['a', 3],
        ['b', 1],
        ['c', 1],
      ],
    ])
    expect(await said(1, ['state', 'get', file, 'nokey', '--savepoint', 'one'])).toContain('no such key')
    // A negative number is a key, and no option.
    expect(await said(1, ['state', 'get', file, '-5', '--savepoint', 'one'])).toContain('no such key')
    const unknown = ['state', 'dump', file, '--savepoint', 'one', '--operator', 'nobody']
    expect(await said(1, unknown)).toContain('those with state: counts')
    expect(JSON.parse(await said(0, ['state', 'get', file, 'a', '--savepoint', 'one']))).toEqual({
      ...{ operator: 'counts', state: 'state', key: 'a', value: 2 },
    })
  })

  it('check a new version, and show by preview what it would do otherwise', async () => {
    expect(await said(0, ['check', file, '--against', 'two'])).toBe('counts: 3 keys\n')
    const range = ['--against', file, '--from', 'one', '--to', 'two']
    expect(await said(0, ['preview', file, ...range])).toContain('2 records of input')
    const planted = await said(1, ['preview', join(import.meta.dirname, 'jobs/lettersPlanted.ts'), ...range])
    expect(planted).toMatch(/counts +1 +1 +0 +0 +c$/m)
  })
})
