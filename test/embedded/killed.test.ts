/** Real processes, really killed: SIGKILL leaves nothing a chance to clean up. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import { temporaryLog, valuesOf } from './temporaryLog.ts'

const root = join(import.meta.dirname, '../..')
const program = join(root, 'examples/program/uppercase.ts')
const limit = { timeout: 120_000 }

interface Child {
  readonly process: ChildProcess
  /** All that it has said. */
  readonly said: () => string
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

function child(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Child {
  const process_ = spawn(process.execPath, ['--conditions=rxweft-source', '--import', 'tsx', ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [process_.stdout, process_.stderr]) stream?.on('data', (bytes) => (said += bytes))
  onTestFinished(() => void process_.kill('SIGKILL'))
  const ended = once(process_, 'close').then(([code, signal]) => ({ code, signal }))
  return { process: process_, said: () => said, ended }
}

/** The uppercase job between two topics of the log, a checkpoint every 50 ms. */
function job(log: EmbeddedLog, { crashAt, until }: { crashAt?: string; until?: 'latest' } = {}): Child {
  const checkpoints = ['--checkpoints', join(dirname(log.file), 'checkpoints'), '--interval', '50']
  const args = ['--embedded', log.file, '--source', 'in', '--sink', 'out', ...checkpoints]
  const more = until === undefined ? [] : ['--until', until]
  return child([program, ...args, ...more], crashAt === undefined ? {} : { RXWEFT_CRASH_AT: crashAt })
}

/** Appends numbered lines to two partitions until it is told to stop. */
function feeding(log: EmbeddedLog): { stop(): Promise<void> } {
  let [next, stopped] = [0, false]
  const fed = (async () => {
    while (!stopped) {
      const lines = Array.from({ length: 20 }, () => ({ value: `line ${next}`, partition: next++ % 2 }))
      await log.append('in', lines)
      await pause(5)
    }
  })()
  onTestFinished(() => {
    stopped = true
  })
  return {
    async stop() {
      stopped = true
      await fed
    },
  }
}

async function expectAllOnce(log: EmbeddedLog): Promise<void> {
  const last = job(log, { until: 'latest' })
  expect(await last.ended, last.said()).toMatchObject({ code: 0 })
  for (const partition of [0, 1]) {
    const input = valuesOf(log, 'in', partition).map((line) => line?.toUpperCase())
    expect(input.length).toBeGreaterThan(0)
    expect(valuesOf(log, 'out', partition)).toEqual(input)
  }
}

async function said(one: Child, what: string): Promise<void> {
  for (let left = 2_000; left > 0 && !one.said().includes(what); left--) await pause(10)
  expect(one.said()).toContain(what)
}

describe('a job on an embedded log that is killed', () => {
  it('at one step of the protocol after another writes everything once and in order', limit, async () => {
    const log = await temporaryLog({ in: 2, out: 2 })
    const feed = feeding(log)
    for (const step of ['barrier', 'prepared', 'stored', 'ledger', 'committed', 'rolled']) {
      const killed = job(log, { crashAt: `${step}:3` })
      expect(await killed.ended, `${step}: ${killed.said()}`).toMatchObject({ signal: 'SIGKILL' })
    }
    await feed.stop()
    await expectAllOnce(log)
  })

  it('at any moment writes everything once and in order', limit, async () => {
    const log = await temporaryLog({ in: 2, out: 2 })
    const feed = feeding(log)
    for (let kill = 0; kill < 4; kill++) {
      const killed = job(log)
      await said(killed, 'started')
      await pause(Math.random() * 300)
      killed.process.kill('SIGKILL')
      expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' })
    }
    await feed.stop()
    await expectAllOnce(log)
  })

  it('or only stopped, and woken after another one has taken over, writes nothing more and ends', limit, async () => {
    const log = await temporaryLog({ in: 2, out: 2 })
    const feed = feeding(log)
    const zombie = job(log)
    await said(zombie, 'no checkpoint yet')
    await pause(200)
    zombie.process.kill('SIGSTOP')
    const newer = job(log)
    await said(newer, 'checkpoint')
    const before = log.end('out', 0)
    zombie.process.kill('SIGCONT')
    expect(await zombie.ended).toMatchObject({ code: 1 })
    expect(zombie.said()).toContain('OWNED_BY_ANOTHER')
    while (log.end('out', 0) === before) await pause(10)
    newer.process.kill('SIGTERM')
    expect(await newer.ended, newer.said()).toMatchObject({ code: 0 })
    await feed.stop()
    await expectAllOnce(log)
  })
})

describe('a process that is killed while it appends', () => {
  it('leaves a log that is intact, and all that it was told to be durable', limit, async () => {
    const log = await temporaryLog({ t: 1 })
    const entry = JSON.stringify(join(root, 'src/embedded.ts'))
    const code = `
      const { embeddedLog } = await import(${entry})
      const log = embeddedLog(${JSON.stringify(log.file)})
      const start = log.end('t', 0)
      for (let at = start; ; at += 3) {
        await log.append('t', [at, at + 1, at + 2].map((value) => ({ value: String(value) })))
        process.stdout.write((at + 3) + '\\n')
      }`
    for (let kill = 0; kill < 4; kill++) {
      const appending = child(['--input-type=module', '-e', code])
      await said(appending, '\n')
      await pause(Math.random() * 100)
      appending.process.kill('SIGKILL')
      await appending.ended
      const durable = Number(appending.said().trimEnd().split('\n').at(-1))
      // A transaction that was durable when its process died is seen from the next one on.
      log.createTopic('t', { partitions: 1 })
      const values = valuesOf(log, 't')
      expect(values.length).toBeGreaterThanOrEqual(durable)
      expect(values.length % 3).toBe(0)
      expect(values).toEqual(values.map((_, at) => String(at)))
      await log.append(
        't',
        ['x', 'y', 'z'].map((_, at) => ({ value: String(values.length + at) })),
      )
    }
  })
})
