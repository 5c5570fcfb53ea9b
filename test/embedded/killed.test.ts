/** Real processes, killed by SIGKILL, which allows no clean-up. */
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import type { Program } from '../../tools/support/program.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { temporaryLog, valuesOf } from './temporaryLog.ts'

const appending = join(import.meta.dirname, 'appending.ts')
const limit = { timeout: 120_000 }

/** The uppercase job between two topics of the log, a checkpoint every 50 ms. */
function job(log: EmbeddedLog, { crashAt = '', until }: { crashAt?: string; until?: 'latest' } = {}): Program {
  const checkpoints = ['--checkpoints', join(dirname(log.file), 'checkpoints'), '--interval', '50']
  const args = ['--embedded', log.file, '--source', 'in', '--sink', 'out', ...checkpoints]
  const more = until === undefined ? [] : ['--until', until]
  return testProgram([...args, ...more], { RXWEFT_CRASH_AT: crashAt })
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
  expect(await last.ended, last.said).toBe(0)
  for (const partition of [0, 1]) {
    const input = valuesOf(log, 'in', partition).map((line) => line?.toUpperCase())
    expect(input.length).toBeGreaterThan(0)
    expect(valuesOf(log, 'out', partition)).toEqual(input)
  }
}

describe('a job on an embedded log that is killed', () => {
  it('at one step of the protocol after another writes everything once and in order', limit, async () => {
    const log = await temporaryLog({ in: 2, out: 2 })
    const feed = feeding(log)
    for (const step of ['barrier', 'prepared', 'stored', 'ledger', 'committed', 'rolled']) {
      const killed = job(log, { crashAt: `${step}:3` })
      expect(await killed.ended, `${step}: ${killed.said}`).toBe('SIGKILL')
    }
    await feed.stop()
    await expectAllOnce(log)
  })

  it('at any moment writes everything once and in order', limit, async () => {
    const log = await temporaryLog({ in: 2, out: 2 })
    const feed = feeding(log)
    for (let kill = 0; kill < 4; kill++) {
      const killed = job(log)
      await killed.untilSaid(/started/)
      await pause(Math.random() * 300)
      await killed.kill()
    }
    await feed.stop()
    await expectAllOnce(log)
  })

  // Stopped within a transaction it would hold the log's lock, for which this very process waits when it appends: see embeddedLog.ts.
  const outside = ['barrier', 'prepared', 'stored', 'committed', 'rolled']
  it.each(outside)(
    'or only stopped, at the step %s, and woken after another one has taken over, writes nothing more and ends',
    limit,
    async (step) => {
      const log = await temporaryLog({ in: 2, out: 2 })
      const feed = feeding(log)
      const zombie = job(log, { crashAt: `${step}:3:SIGSTOP` })
      await zombie.untilSaid(/SIGSTOP at step/)
      const newer = job(log)
      await newer.untilSaid(/checkpoint \d/)
      const before = log.end('out', 0)
      zombie.signal('SIGCONT')
      expect(await zombie.ended).toBe(1)
      expect(zombie.said).toContain('OWNED_BY_ANOTHER')
      while (log.end('out', 0) === before) await pause(10)
      newer.signal('SIGTERM')
      expect(await newer.ended, newer.said).toBe(0)
      await feed.stop()
      await expectAllOnce(log)
    },
  )
})

describe('a process that is killed while it appends', () => {
  it('leaves a log that is intact, and all that it was told to be durable', limit, async () => {
    const log = await temporaryLog({ t: 1 })
    for (let kill = 0; kill < 4; kill++) {
      const killed = testProgram([log.file], {}, appending)
      await killed.untilSaid(/\n/)
      await pause(Math.random() * 100)
      await killed.kill()
      const durable = Number(killed.said.trimEnd().split('\n').at(-1))
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
