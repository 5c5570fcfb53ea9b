import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { embeddedLog } from 'rxweft/embedded'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Program } from '../../tools/support/program.ts'
import { startExample } from './runExample.ts'

/** What was printed of the counts, in alphabetical order: that between two shards is anybody's guess. */
const told = ({ said }: Program) => [...said.matchAll(/^counts -> (.*)$/gm)].map(([, value = '']) => value).sort()
const counted = (word: string, count: number) => JSON.stringify({ word, count })

describe('word count on many cores', { timeout: 240_000 }, () => {
  it('counts each word in one of two threads, and counts on in the next run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rxweft-example-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'log')
    const first = startExample('manyCores', '--embedded', file)
    onTestFinished(() => first.kill())
    while (first.alive && told(first).length < 18) await pause(100)
    first.signal('SIGTERM')
    expect(await first.ended, first.said).toBe(0)
    expect(told(first)).toHaveLength(18)
    expect(told(first)).toContain(counted('to', 3))
    expect(first.said.match(/^lines <- /gm)).toHaveLength(2)

    const log = embeddedLog(file)
    await log.append('lines', [{ value: 'to sleep' }])
    await log.close()
    const second = startExample('manyCores', '--embedded', file)
    onTestFinished(() => second.kill())
    while (second.alive && told(second).length < 20) await pause(100)
    second.signal('SIGTERM')
    expect(await second.ended, second.said).toBe(0)
    // What was committed before is printed again.
    expect(told(second)).toEqual([...told(first), counted('sleep', 1), counted('to', 4)].sort())
  })
})
