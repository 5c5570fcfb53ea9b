/** What is common to all of `npm run example`. */

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedLog } from 'rxweft/embedded'
import { describe, expect, it, onTestFinished } from 'vitest'
import { samples } from '../../examples/program/samples.ts'
import { deadAddress } from '../kafka/fakeBroker.ts'
import { startExample } from './runExample.ts'

describe('npm run example', { timeout: 60_000 }, () => {
  it.each(Object.keys(samples))('%s.ts has less than 60 lines', (name) => {
    const file = join(import.meta.dirname, `../../examples/${name}.ts`)
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').length).toBeLessThan(60)
  })

  it('reads on with --follow, prints what is committed, and ends with exit code 0 at SIGTERM', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rxweft-example-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'log')
    const program = startExample('wordCount', '--embedded', file, '--follow')
    await program.untilSaid(/counts -> .*"to","count":3/)
    const log = embeddedLog(file)
    await log.append('lines', [{ value: 'to dream' }])
    await log.close()
    await program.untilSaid(/counts -> .*"to","count":4/)
    program.signal('SIGTERM')
    expect(await program.ended).toBe(0)
    expect(program.said.match(/->/g)).toHaveLength(20)
  })

  it('crashTest prints the bug that it finds, and that the cure has none, and ends with exit code 0', async () => {
    const program = startExample('crashTest')
    expect(await program.ended).toBe(0)
    expect(program.said).toMatch(/invoicesByCount: CRASH_TEST_FAILED: .*invoicesByOffset: \d+ crashes, no difference/s)
  })

  it('manyCores says that it does not end by itself, and how it is stopped', async () => {
    const program = startExample('manyCores')
    onTestFinished(() => program.kill())
    await program.untilSaid(/does not end by itself: press Ctrl-C/)
  })

  it.each([
    ['no name', []],
    ['an example that there is not', ['toString']],
    ['a flag that there is not', ['wordCount', '--bogus']],
    ['two logs', ['wordCount', '--brokers', 'kafka:9092', '--embedded', 'log']],
  ])('refuses %s with exit code 2', async (_, args) => {
    const program = startExample(...args)
    expect(await program.ended).toBe(2)
    expect(program.said).toMatch(/usage:|--help/)
  })

  it('says in one line that no broker answers, with exit code 2', async () => {
    const program = startExample('wordCount', '--brokers', await deadAddress())
    expect(await program.ended).toBe(2)
    expect(program.said).toMatch(/^BROKERS_UNREACHABLE: .*\n$/)
  })
})
