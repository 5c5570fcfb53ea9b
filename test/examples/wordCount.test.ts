import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedLog } from 'rxweft/embedded'
import { describe, expect, it, onTestFinished } from 'vitest'
import { wordCount } from '../../examples/wordCount.ts'
import { play } from './play.ts'
import { runExample } from './runExample.ts'

const counted = (word: string, count: number) => ({ word, count })

describe('word count', { timeout: 60_000 }, () => {
  const values = {
    a: 'To be, or',
    b: 'not: to be.',
    ...{ t: counted('to', 1), e: counted('be', 1), o: counted('or', 1) },
    ...{ n: counted('not', 1), T: counted('to', 2), E: counted('be', 2) },
  }
  const played = (lines: string) =>
    play(({ source, sink }) => wordCount(source('lines'), sink('counts')), { lines }, values)

  it('emits each word with its count', async () => {
    expect(await played('R-a------1-b')).toEqual({ counts: '--(teo)--1-(nTE)' })
  })

  it('counts records that are read again after a crash as before', async () => {
    expect(await played('R-a------1-b----R')).toEqual({ counts: '--(teo)--1-(nTE)(nTE)' })
  })

  it('counts on where it was, run again on the same log', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rxweft-example-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'log')
    const { counts: first = [] } = await runExample('wordCount', '--embedded', file)
    expect(first).toHaveLength(18)
    expect(first.at(-2)).toEqual(counted('to', 3))
    const log = embeddedLog(file)
    await log.append('lines', [{ value: 'to sleep, to dream' }])
    await log.close()
    const { counts } = await runExample('wordCount', '--embedded', file)
    const more = [counted('to', 4), counted('sleep', 1), counted('to', 5), counted('dream', 1)]
    expect(counts).toEqual([...first, ...more])
  })
})
